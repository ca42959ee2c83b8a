/* `fedgate check`: looks at everything that is kept and changes nothing. */
#include "gateway/base/clock.h"
#include "gateway/base/quote.h"
#include "server/cli/client.h"
#include "server/cli/commands.h"
#include "server/cli/local.h"
#include "server/config/config.h"
#include "server/store/certificates.h"
#include "server/store/objects.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct check {
    struct fg_datadir *dir;
    struct fg_store *store;
    unsigned faults, certificates;
};

__attribute__((format(printf, 2, 3))) static void fault(struct check *k, const char *fmt, ...)
{
    char text[1024], quoted[1200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    printf("FAULT %s\n", fg_quotes(quoted, sizeof quoted, text));
    k->faults++;
}

/* ---- who may read it ---- */

static void check_mode(struct check *k, const char *path)
{
    struct stat st;
    if (lstat(path, &st)) return;
    if (st.st_mode & 077 && !S_ISLNK(st.st_mode))
        fault(k, "%s may be opened by others: mode %03o; take it away from them (chmod go=)", path,
              (unsigned)st.st_mode & 0777);
}

static void check_modes_in(struct check *k, const char *directory)
{
    char path[PATH_MAX];
    DIR *d = opendir(directory);
    if (!d) {
        fault(k, "%s cannot be read: %s", directory, strerror(errno));
        return;
    }
    check_mode(k, directory);
    for (const struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] == '.') continue;
        int n = snprintf(path, sizeof path, "%s/%s", directory, e->d_name);
        if (n > 0 && (size_t)n < sizeof path) check_mode(k, path);
    }
    closedir(d);
}

static void check_modes(struct check *k, const char *data_dir)
{
    char keys[PATH_MAX];
    unsigned before = k->faults;
    int n = snprintf(keys, sizeof keys, "%s/keys", data_dir);
    check_modes_in(k, data_dir);
    if (n > 0 && (size_t)n < sizeof keys) check_modes_in(k, keys);
    if (k->faults == before) printf("ok    files, for their owner only\n");
}

static const char *sentence(const struct check *k, int err)
{
    const char *why = fg_store_error(k->store);
    return *why ? why : strerror(err);
}

static void check_database(struct check *k)
{
    int err = fg_store_check(k->store);
    if (err)
        fault(k, "database: %s", sentence(k, err));
    else
        printf("ok    database, schema %d\n", fg_store_schema());
}

static void check_audit(struct check *k)
{
    struct fg_audit_report r = {0};
    int err = fg_audit_verify(k->store, &r);
    if (err)
        fault(k, "audit: %s", sentence(k, err));
    else if (r.bad_seq)
        fault(k, "audit: row %llu: %s", (unsigned long long)r.bad_seq, r.reason);
    else
        printf("ok    audit, %llu rows\n", (unsigned long long)r.rows);
}

static void check_history(struct check *k)
{
    int err = fg_store_check_history(k->store);
    if (err)
        fault(k, "revisions: %s", sentence(k, err));
    else
        printf("ok    revisions, as the audit tells\n");
}

/* ---- certificates ---- */

static X509 *read_certificate(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return cert;
}

static bool has_id(const X509 *cert, const char *id)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
    unsigned len = 0;
    if (!X509_digest(cert, EVP_sha256(), digest, &len)) return false;
    for (unsigned i = 0; i < len; i++) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    return !strcmp(hex, id);
}

static bool has_key(struct check *k, const X509 *cert, const char *id)
{
    struct fg_buf pem;
    fg_buf_init(&pem, FG_KEY_FILE_MAX);
    int err = fg_certificate_key(k->dir, id, &pem);
    BIO *bio = err ? NULL : BIO_new_mem_buf(fg_buf_data(&pem), (int)fg_buf_len(&pem));
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    bool pair = key && X509_check_private_key(cert, key) == 1;
    EVP_PKEY_free(key);
    BIO_free(bio);
    fg_buf_wipe(&pem);
    return pair;
}

static int check_certificate(const struct fg_certificate *c, void *arg)
{
    struct check *k = arg;
    X509 *cert = read_certificate(c->pem);
    k->certificates++;
    if (!cert || !has_id(cert, c->id))
        fault(k, "certificate %.16s (%s) is damaged", c->id, c->friendly_name);
    else if (c->has_key && !has_key(k, cert, c->id))
        fault(k, "certificate %.16s (%s): its key is missing or another's", c->id,
              c->friendly_name);
    else if (c->not_after_ms < fg_clock_wall_ms())
        fault(k, "certificate %.16s (%s) has expired", c->id, c->friendly_name);
    X509_free(cert);
    ERR_clear_error();
    return 0;
}

static void check_certificates(struct check *k)
{
    unsigned before = k->faults;
    int err = fg_certificate_each(k->store, check_certificate, k);
    if (err) fault(k, "certificates: %s", sentence(k, err));
    if (k->faults == before) printf("ok    certificates, %u\n", k->certificates);
}

/* ---- configuration ---- */

static void check_configuration(struct check *k)
{
    struct fg_problems problems, warnings;
    uint64_t revision = 0;
    fg_problems_init(&problems);
    fg_problems_init(&warnings);
    int err = fg_config_verify(k->store, &revision, &problems, &warnings);
    for (size_t i = 0; i < problems.count; i++)
        fault(k, "configuration: %s: %s", problems.items[i].pointer, problems.items[i].message);
    if (err && problems.count == 0) fault(k, "configuration: %s", sentence(k, err));
    if (!err) printf("ok    configuration, revision %llu\n", (unsigned long long)revision);
    for (size_t i = 0; i < warnings.count; i++)
        printf("note  %s: %s\n", warnings.items[i].pointer, warnings.items[i].message);
    fg_problems_free(&problems);
    fg_problems_free(&warnings);
}

static int check_offline(const char *data_dir)
{
    struct check k = {0};
    char why[FG_WHY] = "";
    if (access(data_dir, F_OK)) return fg_failed("there is no data directory %s", data_dir);
    int err = fg_datadir_open(&k.dir, data_dir, why);
    if (!err) err = fg_store_open(&k.store, k.dir, FG_STORE_READER, why);
    if (err) {
        fg_failed("%s", *why ? why : strerror(err));
        if (k.dir) fg_datadir_close(k.dir);
        return FG_EXIT_FAILED;
    }
    check_modes(&k, data_dir);
    check_database(&k);
    check_audit(&k);
    check_history(&k);
    check_certificates(&k);
    check_configuration(&k);
    fg_store_close(k.store);
    fg_datadir_close(k.dir);
    return k.faults ? FG_EXIT_FAILED : FG_EXIT_OK;
}

/* Beside a running server: what it says of itself. */
static int check_online(const char *socket)
{
    struct fg_client_answer a;
    int err = fg_client_request(socket, "GET", "/api/v1/status", NULL, &a);
    if (err)
        return fg_failed("a server holds the data directory, but does not answer at %s: %s", socket,
                         strerror(err));
    int rc = a.status >= 400 ? fg_client_refused(&a) : FG_EXIT_OK;
    json_t *engine = json_object_get(a.body, "engine"), *problem;
    const char *state = json_string_value(json_object_get(engine, "state"));
    size_t i;
    if (!rc) {
        printf("the server runs: revision %lld, engine %s\n",
               json_integer_value(json_object_get(a.body, "revision")), state ? state : "unknown");
        if (!state || strcmp(state, "running")) rc = FG_EXIT_FAILED;
    }
    json_array_foreach(json_object_get(engine, "problems"), i, problem)
    {
        char quoted[600];
        printf("FAULT %s\n", fg_quotes(quoted, sizeof quoted,
                                       json_string_value(json_object_get(problem, "message"))));
    }
    fg_client_answer_free(&a);
    return rc;
}

int fg_cmd_check(int argc, char **argv)
{
    struct fg_common c;
    fg_common_init(&c);
    const struct fg_flag flags[] = {FG_FLAG_DATA_DIR(&c), FG_FLAG_SOCKET(&c)};
    const struct fg_usage u = {
        "check", "",
        "Verifies database, audit chain, revisions, certificates and the active "
        "configuration; changes nothing.",
        flags, sizeof flags / sizeof *flags};
    const char *none[1];
    int rc = fg_options_parse(&u, argc, argv, none, 0, 0);
    if (rc != FG_EXIT_NONE) return rc;
    char *socket = fg_common_socket(&c);
    if (!socket) return fg_failed("out of memory");
    rc = fg_datadir_busy(c.data_dir) ? check_online(socket) : check_offline(c.data_dir);
    free(socket);
    return rc;
}
