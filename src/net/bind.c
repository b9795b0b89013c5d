/* SPDX-License-Identifier: MIT */
/* Binding, and looking up in /proc who was first. */
#include "net/bind.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

enum { BACKLOG = 1024 };

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void file_close(FILE **file)
{
	if (*file)
		fclose(*file);
}

static void dir_close(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* ── Who has the port ── */

/* The kernel's tables of a kind of sockets, and the state of one that waits for strangers. */
struct socket_kind {
	int type;
	const char *tables[2];
	unsigned waiting;
};

static const struct socket_kind tcp = { SOCK_STREAM, { "/proc/net/tcp", "/proc/net/tcp6" }, 0x0A };
static const struct socket_kind udp = { SOCK_DGRAM, { "/proc/net/udp", "/proc/net/udp6" }, 0x07 };

/* The inode of the socket that waits on the port, from one of the tables; 0 if it is not there. */
static uint64_t waiting_inode(const char *table, unsigned waiting, int port)
{
	owned(file_close) FILE *file = fopen(table, "re");
	char line[512];
	while (file && fgets(line, sizeof(line), file)) {
		unsigned local_port, state;
		uint64_t inode;
		if (sscanf(line, " %*u: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*x:%*x %*x:%*x %*x %*u %*u %" SCNu64,
			   &local_port, &state, &inode) == 3 &&
		    state == waiting && local_port == (unsigned)port && inode)
			return inode;
	}
	return 0;
}

/* Whether the process has the file that /proc/PID/fd shows as `link_text`. */
static bool has_open(const char *pid, const char *link_text)
{
	char path[300], text[64];
	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	owned(dir_close) DIR *fds = opendir(path);
	for (struct dirent *entry; fds && (entry = readdir(fds));) {
		ssize_t n = readlinkat(dirfd(fds), entry->d_name, text, sizeof(text) - 1);
		if (n > 0 && str_equal((struct str){ text, (size_t)n }, str_of(link_text)))
			return true;
	}
	return false;
}

static struct str process_name(const char *pid, struct arena *arena)
{
	char path[300], name[64] = "";
	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	owned(file_close) FILE *file = fopen(path, "re");
	if (!file || !fgets(name, sizeof(name), file))
		name[0] = '\0';
	return arena_copy(arena, str_trim(str_of(name)));
}

static struct str holder_of(const struct socket_kind *kind, int port, struct arena *arena)
{
	uint64_t inode = waiting_inode(kind->tables[0], kind->waiting, port);
	if (!inode)
		inode = waiting_inode(kind->tables[1], kind->waiting, port);
	if (!inode)
		return STR_ABSENT;
	char link_text[64];
	snprintf(link_text, sizeof(link_text), "socket:[%" PRIu64 "]", inode);
	owned(dir_close) DIR *processes = opendir("/proc");
	for (struct dirent *entry; processes && (entry = readdir(processes));)
		if (isdigit((unsigned char)entry->d_name[0]) && has_open(entry->d_name, link_text))
			return arena_printf(arena, "pid %s %.*s", entry->d_name,
					    STR_ARG(process_name(entry->d_name, arena)));
	return STR_ABSENT;
}

struct str bind_port_holder(int port, struct arena *arena)
{
	return holder_of(&tcp, port, arena);
}

/* ── Binding ── */

static struct str cause_of(const struct socket_kind *kind, int error, struct str address, int port,
			   struct arena *arena)
{
	struct str holder = error == EADDRINUSE ? holder_of(kind, port, arena) : STR_ABSENT;
	switch (error) {
	case EADDRINUSE:
		return arena_printf(arena, "%sport %d on %.*s is in use%s%.*s%s; stop it or choose another port",
				    kind == &udp ? "UDP " : "", port, STR_ARG(address), str_present(holder) ? " (by " : "", STR_ARG(holder),
				    str_present(holder) ? ")" : " by another program");
	case EACCES:
		return arena_printf(arena, "port %d on %.*s may be opened by root only; choose one from 1024 on", port,
				    STR_ARG(address));
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
		return arena_printf(arena, "%.*s is not an address of this machine", STR_ARG(address));
	default:
		return arena_printf(arena, "cannot listen on port %d of %.*s: %s", port, STR_ARG(address),
				    strerror(error));
	}
}

static int parse(struct str address, int port, struct arena *arena, struct sockaddr_storage *to)
{
	struct str text = arena_copy(arena, address);
	if (!str_present(text))
		return -ENOMEM;
	if (uv_ip4_addr(text.at, port, (struct sockaddr_in *)(void *)to) == 0 ||
	    uv_ip6_addr(text.at, port, (struct sockaddr_in6 *)(void *)to) == 0)
		return 0;
	return -EINVAL;
}

/* Datagram sockets share no port: whoever bound it second would take what is meant for the first. */
static int socket_on(const struct socket_kind *kind, const struct sockaddr_storage *address, int *out)
{
	const int on = 1;
	bool stream = kind->type == SOCK_STREAM;
	bool v6 = address->ss_family == AF_INET6;
	socklen_t size = v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	owned(fd_close) int fd = socket(address->ss_family, kind->type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || (stream && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on))) ||
	    (v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on))) ||
	    bind(fd, (const struct sockaddr *)address, size) || (stream && listen(fd, BACKLOG)))
		return -errno;
	*out = fd;
	fd = -1;
	return 0;
}

static int port_of(int fd)
{
	struct sockaddr_storage address = { 0 };
	socklen_t size = sizeof(address);
	if (getsockname(fd, (struct sockaddr *)&address, &size))
		return -errno;
	/* The port is at the same place for both families. */
	return ntohs(((struct sockaddr_in *)(void *)&address)->sin_port);
}

static int bind_any(const struct socket_kind *kind, struct str address, int *port, struct arena *arena, int *fd,
		    struct str *said)
{
	struct sockaddr_storage where = { 0 };
	int error = parse(address, *port, arena, &where);
	if (error) {
		*said = arena_printf(arena, "\"%.*s\" is not an IP address to listen on", STR_ARG(address));
		return error;
	}
	error = socket_on(kind, &where, fd);
	if (error) {
		*said = cause_of(kind, -error, address, *port, arena);
		return error;
	}
	*port = port_of(*fd);
	return 0;
}

int bind_tcp(struct str address, int *port, struct arena *arena, int *fd, struct str *said)
{
	return bind_any(&tcp, address, port, arena, fd, said);
}

int bind_udp(struct str address, int *port, struct arena *arena, int *fd, struct str *said)
{
	return bind_any(&udp, address, port, arena, fd, said);
}

bool bind_may_be_left_out(int error, struct str address, size_t n_addresses)
{
	return (error == -EADDRNOTAVAIL || error == -EAFNOSUPPORT) && n_addresses > 1 &&
	       str_find(address, STR(":")) != SIZE_MAX;
}
