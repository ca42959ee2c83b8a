/* See process.h. */
#include "server/process.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

void fg_process_prepare(sigset_t *waited)
{
    sigemptyset(waited);
    sigaddset(waited, SIGTERM);
    sigaddset(waited, SIGINT);
    sigaddset(waited, SIGHUP);
    pthread_sigmask(SIG_BLOCK, waited, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    umask(077);
    /* Keys are in memory: no core file. */
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
}

int fg_process_become(const char *user, const char *data_dir)
{
    errno = 0;
    const struct passwd *p = getpwnam(user);
    if (!p) return errno ? errno : ENOENT;
    if (p->pw_uid == geteuid()) return 0;
    if (geteuid() != 0) return EPERM;
    if (mkdir(data_dir, 0700) == 0 && chown(data_dir, p->pw_uid, p->pw_gid)) return errno;
    if (initgroups(user, p->pw_gid) || setgid(p->pw_gid) || setuid(p->pw_uid)) return errno;
    /* A way back would be worse than none. */
    return setuid(0) == 0 && p->pw_uid != 0 ? EPERM : 0;
}
