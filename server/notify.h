/* Tells the service manager how we are (systemd's sd_notify(3) protocol, one datagram). */
#ifndef FG_NOTIFY_H
#define FG_NOTIFY_H

/* Sends "READY=1", "STOPPING=1", "STATUS=…" to $NOTIFY_SOCKET; does nothing without one. */
void fg_notify(const char *state);

#endif
