/* SPDX-License-Identifier: MIT */
/* Root only binds and starts; then it becomes somebody who can do less. */
#include <errno.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/server.h"
#include "obs/log.h"

enum { OPEN_DESCRIPTORS = 16 };

/* nftw hands its callback no argument. */
static const struct passwd *new_owner;

static int give(const char *path, const struct stat *facts, int kind, struct FTW *where)
{
	(void)kind, (void)where;
	if (facts->st_uid == new_owner->pw_uid)
		return 0;
	/* The cluster runs already and removes files of its own meanwhile. */
	return lchown(path, new_owner->pw_uid, new_owner->pw_gid) && errno != ENOENT ? -1 : 0;
}

static bool become(const struct passwd *user)
{
	return setgroups(0, NULL) == 0 && setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0 && setuid(0) != 0;
}

int server_drop_privileges(const struct server *server, struct str *said)
{
	struct arena *arena = server->run->arena;
	const char *name = server->config.server_user.at;

	if (geteuid() != 0)
		return EX_OK;
	if (server->config.server_user.len == 0) {
		log_warn("running as root; name an unprivileged user with server.user");
		return EX_OK;
	}
	new_owner = getpwnam(name);
	if (!new_owner) {
		*said = arena_printf(arena, "server.user: there is no user '%s'", name);
		return EX_NOUSER;
	}
	if (nftw(server->work.dir.path.at, give, OPEN_DESCRIPTORS, FTW_PHYS)) {
		*said = arena_printf(arena, "%s cannot be given to '%s': %s", server->work.dir.path.at, name, strerror(errno));
		return EX_NOPERM;
	}
	if (!become(new_owner)) {
		*said = arena_printf(arena, "cannot become '%s': %s", name, strerror(errno));
		return EX_NOPERM;
	}
	return EX_OK;
}
