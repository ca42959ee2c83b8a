/* What the process asks of the system before anything else: signals, limits, its user. Main thread,
 * before any other thread exists. */
#ifndef FG_PROCESS_H
#define FG_PROCESS_H

#include <signal.h>

/* Blocks SIGTERM, SIGINT and SIGHUP for sigwaitinfo(2) (every later thread inherits it), ignores
 * SIGPIPE, raises the descriptor limit to the hard one, makes new files private and core files
 * none. */
void fg_process_prepare(sigset_t *waited);
/* Becomes `user` for good, with its groups; before that makes `data_dir`, when missing, as that
 * user's. 0; EPERM when not root; ENOENT: no such user; errno. */
int fg_process_become(const char *user, const char *data_dir);

#endif
