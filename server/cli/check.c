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
    json_t *passed, *failed, *notes; /* NULL: text is printed */
};

__attribute__((format(printf, 2, 3))) static void pass(struct check *k, const char *fmt, ...)
{
    char text[200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (k->passed)
        (void)json_array_append_new(k->passed, json_string(text));
    else
        printf("ok    %s\n", text);
}

/* A sentence, without what could not stand in JSON or on a terminal. */
static void add_quoted(json_t *list, const char *start, const char *text)
{
    char quoted[1200];
    fg_quotes(quoted, sizeof quoted, text);
    if (list)
        (void)json_array_append_new(list, json_string(quoted));
    else
        printf("%s%s\n", start, quoted);
}

__attribute__((format(printf, 2, 3))) static void fault(struct check *k, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    add_quoted(k->failed, "FAULT ", text);
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
    if (k->faults == before) pass(k, "files, for their owner only");
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
        pass(k, "database, schema %d", fg_store_schema());
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
        pass(k, "audit, %llu rows", (unsigned long long)r.rows);
}

static void check_history(struct check *k)
{
    int err = fg_store_check_history(k->store);
    if (err)
        fault(k, "revisions: %s", sentence(k, err));
    else
        pass(k, "revisions, as the audit tells");
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
    if (k->faults == before) pass(k, "certificates, %u", k->certificates);
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
    if (!err) pass(k, "configuration, revision %llu", (unsigned long long)revision);
    for (size_t i = 0; i < warnings.count; i++) {
        char text[1024];
        snprintf(text, sizeof text, "%s: %s", warnings.items[i].pointer, warnings.items[i].message);
        add_quoted(k->notes, "note  ", text);
    }
    fg_problems_free(&problems);
    fg_problems_free(&warnings);
}

static int print_check(struct check *k)
{
    int rc = k->faults ? FG_EXIT_FAILED : FG_EXIT_OK;
    if (!k->passed) return rc;
    int printed =
        fg_local_json(json_pack("{s:b,s:b,s:o,s:o,s:o}", "ok", k->faults == 0, "running", 0,
                                "passed", k->passed, "faults", k->failed, "notes", k->notes));
    return printed ? printed : rc;
}

static int check_offline(const char *data_dir, bool json)
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
    if (json) {
        k.passed = json_array();
        k.failed = json_array();
        k.notes = json_array();
    }
    check_modes(&k, data_dir);
    check_database(&k);
    check_audit(&k);
    check_history(&k);
    check_certificates(&k);
    check_configuration(&k);
    fg_store_close(k.store);
    fg_datadir_close(k.dir);
    return print_check(&k);
}

/* Beside a running server: what it says of itself. */
static int tell_status(const json_t *status, bool json)
{
    const json_t *engine = json_object_get(status, "engine"), *problem;
    const char *state = json_string_value(json_object_get(engine, "state"));
    long long revision = json_integer_value(json_object_get(status, "revision"));
    bool runs = state && strcmp(state, "running") == 0;
    json_t *faults = json ? json_array() : NULL;
    size_t i;
    if (!json)
        printf("the server runs: revision %lld, engine %s\n", revision, state ? state : "unknown");
    json_array_foreach(json_object_get(engine, "problems"), i, problem)
        add_quoted(faults, "FAULT ", json_string_value(json_object_get(problem, "message")));
    int rc = runs ? FG_EXIT_OK : FG_EXIT_FAILED;
    if (!json) return rc;
    int printed = fg_local_json(json_pack("{s:b,s:b,s:I,s:s,s:o}", "ok", (int)runs, "running", 1,
                                          "revision", (json_int_t)revision, "engine",
                                          state ? state : "unknown", "faults", faults));
    return printed ? printed : rc;
}

static int check_online(const char *socket, bool json)
{
    struct fg_client_answer a;
    int err = fg_client_request(socket, "GET", "/api/v1/status", NULL, &a);
    if (err)
        return fg_failed("a server holds the data directory, but does not answer at %s: %s", socket,
                         strerror(err));
    int rc = a.status >= 400 ? fg_client_refused(&a) : tell_status(a.body, json);
    fg_client_answer_free(&a);
    return rc;
}

int fg_cmd_check(int argc, char **argv)
{
    struct fg_common c;
    fg_common_init(&c);
    bool json = false;
    const struct fg_flag flags[] = {FG_FLAG_DATA_DIR(&c), FG_FLAG_SOCKET(&c), FG_FLAG_JSON(&json)};
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
    rc = fg_datadir_busy(c.data_dir) ? check_online(socket, json) : check_offline(c.data_dir, json);
    free(socket);
    return rc;
}
