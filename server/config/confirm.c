/* Commits that take themselves back unless somebody confirms them. The deadline is stored with the
 * revision, so that it also counts while the process is down. */
#include "server/config/private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void read_boot_id(char out[FG_BOOT_ID])
{
    memset(out, 0, FG_BOOT_ID);
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    ssize_t n = read(fd, out, FG_BOOT_ID - 1);
    close(fd);
    out[n > 0 ? strcspn(out, "\n") : 0] = 0;
}

void fg_confirm_set(struct fg_confirm *out, uint32_t within_s)
{
    *out = (struct fg_confirm){.within_s = within_s};
    if (!within_s) return;
    read_boot_id(out->boot_id);
    out->boot_ms = fg_clock_boot_ms() + (int64_t)within_s * 1000;
    out->wall_ms = fg_clock_wall_ms() + (int64_t)within_s * 1000;
}

/* In the same boot its clock decides, which nobody can set. After a reboot the wall clock, but no
 * later than if the whole time had begun with this boot. */
int64_t fg_confirm_left_ms(const struct fg_confirm *d)
{
    char boot[FG_BOOT_ID];
    read_boot_id(boot);
    int64_t by_wall = d->wall_ms - fg_clock_wall_ms();
    if (*boot && strcmp(boot, d->boot_id) == 0) return d->boot_ms - fg_clock_boot_ms();
    int64_t by_boot = d->within_s * 1000 - fg_clock_boot_ms();
    return by_wall < by_boot ? by_wall : by_boot;
}

struct pending {
    uint64_t number;
    struct fg_confirm confirm;
};

static int keep_pending(const struct fg_revision *r, void *arg)
{
    *(struct pending *)arg = (struct pending){r->number, r->confirm};
    return 0;
}

int fg_confirm_read(struct fg_config *c)
{
    struct pending p = {0};
    struct fg_watch watch = {0};
    int err = fg_revision_pending(c->p.store, keep_pending, &p);
    if (err && err != ENOENT) return err;
    if (!err && fg_watch_read(c->p.store, p.number, &watch))
        fg_logf(c->p.log, FG_WARNING, "config", "watch", "%s", fg_store_error(c->p.store));
    pthread_mutex_lock(&c->lock);
    c->pending_revision = err ? 0 : p.number;
    c->pending = p.confirm;
    fg_watch_free(&c->watch);
    c->watch = watch;
    c->revert_at_ms = 0;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
    return 0;
}

static const struct fg_actor the_clock = {
    .owner = "system", .name = "system", .via = "", .address = ""};

int fg_confirm_settle(struct fg_config *c)
{
    int err = fg_confirm_read(c);
    if (err || !c->pending_revision || fg_confirm_left_ms(&c->pending) > 0) return err;
    uint64_t n = c->pending_revision;
    struct fg_changeset back;
    struct fg_snapshot *before = NULL;
    struct fg_problems ignored;
    fg_problems_init(&ignored);
    fg_changeset_init(&back);
    err = fg_changeset_diff(&back, c->p.store, n, n - 1);
    /* The content of the revision before, under its new number. */
    if (!err) err = fg_config_load(c->p.store, n - 1, n + 1, &before, &ignored, NULL);
    if (err == EINVAL) err = 0;
    if (!err)
        err = fg_commit_store(c, &the_clock, &back, before, n, "Not confirmed in time.", NULL, NULL,
                              &n);
    if (!err)
        fg_logf(c->p.log, FG_WARNING, "config", "reverted",
                "not confirmed in time: now revision %llu", (unsigned long long)n);
    fg_snapshot_put(before);
    fg_changeset_free(&back);
    fg_problems_free(&ignored);
    return err ? err : fg_confirm_read(c);
}

bool fg_confirm_look_due(const struct fg_config *c)
{
    return c->pending_revision && c->watch.n && fg_clock_mono_ms() >= c->look_at_ms;
}

static void take_back(struct fg_config *c, const char *why)
{
    struct fg_commit_result r;
    uint64_t n = c->pending_revision;
    fg_logf(c->p.log, FG_WARNING, "config", "not_confirmed", "revision %llu is taken back: %s",
            (unsigned long long)n, why);
    fg_commit_revert(c, &the_clock, n, why, &r);
    /* A full disk, say: tried again, but not with every tick. */
    pthread_mutex_lock(&c->lock);
    c->revert_at_ms = c->pending_revision ? fg_clock_mono_ms() + FG_RETRY_MS : 0;
    pthread_mutex_unlock(&c->lock);
    if (r.outcome != FG_COMMIT_DONE)
        fg_logf(c->p.log, FG_ERROR, "config", "revert_failed",
                "revision %llu could not be taken back", (unsigned long long)n);
    fg_commit_result_free(&r);
}

static bool partner_lost(struct fg_config *c, char why[FG_WATCH_WHY])
{
    pthread_mutex_lock(&c->lock);
    c->look_at_ms = fg_clock_mono_ms() + FG_LOOK_MS;
    pthread_mutex_unlock(&c->lock);
    return fg_watch_look(c, &c->watch, why);
}

void fg_confirm_tick(struct fg_config *c)
{
    char why[FG_WATCH_WHY];
    if (!c->pending_revision || fg_clock_mono_ms() < c->revert_at_ms) return;
    if (fg_confirm_left_ms(&c->pending) <= 0)
        take_back(c, "Not confirmed in time.");
    else if (fg_confirm_look_due(c) && partner_lost(c, why))
        take_back(c, why);
}

void fg_config_confirm(struct fg_config *c, const struct fg_actor *who, uint64_t revision,
                       struct fg_commit_result *out)
{
    *out = (struct fg_commit_result){.outcome = FG_COMMIT_NOT_PENDING, .revision = revision};
    struct fg_audit_entry by = {.at_ms = fg_clock_wall_ms(),
                                .who = who->owner,
                                .who_name = who->name,
                                .via = who->via,
                                .address = who->address,
                                .action = "confirm",
                                .outcome = "ok",
                                .revision = revision};
    struct fg_changeset made;
    fg_changeset_init(&made);
    int err = revision ? fg_changeset_diff(&made, c->p.store, revision - 1, revision) : ENOENT;
    if (!err) err = fg_scope_check(c->p.store, who->owner, &made, NULL, &out->problems);
    fg_changeset_free(&made);
    if (err == EINVAL) {
        out->outcome = FG_COMMIT_INVALID;
        return;
    }
    if (!err) err = fg_revision_confirm(c->p.store, revision, &by);
    if (err == ENOENT) return;
    if (err) fg_logf(c->p.log, FG_ERROR, "config", "confirm", "%s", fg_store_error(c->p.store));
    out->err = err;
    out->outcome = err ? FG_COMMIT_FAILED : FG_COMMIT_DONE;
    out->applied_at_ms = fg_clock_wall_ms();
    if (!err) fg_confirm_read(c);
}

void fg_config_revert(struct fg_config *c, const struct fg_actor *who, uint64_t revision,
                      struct fg_commit_result *out)
{
    if (revision && c->pending_revision == revision) {
        fg_commit_revert(c, who, revision, "Taken back.", out);
        return;
    }
    *out = (struct fg_commit_result){.outcome = FG_COMMIT_NOT_PENDING, .revision = revision};
}
