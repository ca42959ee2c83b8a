/* The two listening sockets: TCP for HTTPS, and the local one for the same user's programs. */
#include "server/http/internal.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 512 };

static int close_with(int fd, int err)
{
    close(fd);
    errno = err;
    return -1;
}

/* "[::]:8443" into host and port; the brackets go. */
static int split(const char *address, char host[256], char port[8])
{
    const char *colon = strrchr(address, ':');
    if (!colon || strlen(colon + 1) == 0 || strlen(colon + 1) > 5) return EINVAL;
    size_t len = (size_t)(colon - address);
    if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
        address++;
        len -= 2;
    } else if (memchr(address, ':', len)) {
        return EINVAL;
    }
    if (len == 0 || len > 255) return EINVAL;
    memcpy(host, address, len);
    host[len] = '\0';
    snprintf(port, 8, "%s", colon + 1);
    return strspn(port, "0123456789") == strlen(port) && strtoul(port, NULL, 10) <= 65535 ? 0
                                                                                          : EINVAL;
}

static unsigned port_of(int fd)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    char port[8] = "0";
    if (getsockname(fd, (struct sockaddr *)&ss, &len)) return 0;
    if (getnameinfo((struct sockaddr *)&ss, len, NULL, 0, port, sizeof port, NI_NUMERICSERV))
        return 0;
    return (unsigned)strtoul(port, NULL, 10);
}

int fg_http_listen_tcp(const char *address, unsigned *port)
{
    char host[256], service[8];
    if (split(address, host, service)) {
        errno = EINVAL;
        return -1;
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
    if (getaddrinfo(host, service, &hints, &found)) {
        errno = EINVAL;
        return -1;
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1, off = 0;
    if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd >= 0 && found->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    int bound = fd >= 0 ? bind(fd, found->ai_addr, found->ai_addrlen) : -1;
    int err = errno;
    freeaddrinfo(found);
    if (fd < 0) {
        errno = err;
        return -1;
    }
    if (bound) return close_with(fd, err);
    if (listen(fd, BACKLOG)) return close_with(fd, errno);
    *port = port_of(fd);
    return fd;
}

int fg_http_listen_local(const char *path)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof sa.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(sa.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    /* Only a socket left by a run that died is removed; the data directory's lock says that it did.
     */
    struct stat st;
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)) unlink(path);
    /* The mode of the unbound socket is what bind makes, so that it is never open to others. */
    if (fchmod(fd, 0600) || bind(fd, (const struct sockaddr *)&sa, sizeof sa))
        return close_with(fd, errno);
    if (chmod(path, 0600) || listen(fd, BACKLOG)) {
        int err = errno;
        unlink(path);
        return close_with(fd, err);
    }
    return fd;
}
