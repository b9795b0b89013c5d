/* SPDX-License-Identifier: MIT */
/* Child processes of the private cluster. */
#include "db/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static void use(struct db_user *user, const struct passwd *row, struct arena *arena)
{
	user->uid = row->pw_uid;
	user->gid = row->pw_gid;
	user->name = arena_copy(arena, str_of(row->pw_name));
}

bool db_user_find(struct db_user *user, const char *wanted, struct arena *arena, struct str *said)
{
	*user = (struct db_user){ .change = geteuid() == 0 };
	const struct passwd *row = !user->change ? getpwuid(geteuid()) : getpwnam(wanted ? wanted : "postgres");

	if (!row && user->change && !wanted)
		row = getpwnam("nobody");
	if (!row) {
		*said = wanted ? arena_printf(arena, "there is no user \"%s\" on this machine", wanted)
			       : arena_printf(arena, "the user with id %u has no name on this machine", geteuid());
		return false;
	}
	if (user->change && row->pw_uid == 0) {
		*said = STR("PostgreSQL refuses to run as root: name another user for it");
		return false;
	}
	use(user, row, arena);
	return true;
}

/* The system calls themselves: glibc's wrappers would signal threads that a forked child does not have. */
static bool become(const struct db_user *user)
{
	return geteuid() == user->uid || (syscall(SYS_setgroups, 0, NULL) == 0 && syscall(SYS_setgid, user->gid) == 0 &&
					  syscall(SYS_setuid, user->uid) == 0);
}

/* A change of user clears the parent-death signal, so it is asked for afterwards. */
static bool tie_to(pid_t parent)
{
	return prctl(PR_SET_PDEATHSIG, SIGINT) == 0 && getppid() == parent;
}

static void reset_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
}

static bool redirect(const char *log)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	return null >= 0 && out >= 0 && dup2(null, 0) >= 0 && dup2(out, 1) >= 0 && dup2(out, 2) >= 0 &&
	       syscall(SYS_close_range, 3U, UINT_MAX, 0U) == 0;
}

pid_t db_child_spawn(const struct db_user *user, const char *const *argv, const char *log)
{
	static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", locale[] = "LC_ALL=C.UTF-8";
	char *environment[] = { path, locale, NULL };
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	/* A session of its own: Ctrl-C at the terminal is ours to handle first. */
	setsid();
	umask(0077);
	reset_signals();
	if (chdir("/") == 0 && become(user) && tie_to(parent) && redirect(log))
		execve(argv[0], (char *const *)(uintptr_t)argv, environment);
	_exit(127);
}

int db_child_do(const struct db_user *user, int (*work)(void *arg), void *arg)
{
	if (!user->change)
		return work(arg);
	pid_t pid = fork();
	if (pid == 0)
		_exit(become(user) ? work(arg) : 126);
	return pid < 0 ? -1 : db_child_wait(pid);
}

int db_child_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool db_child_ended(pid_t pid)
{
	pid_t got = waitpid(pid, NULL, WNOHANG);
	return got == pid || (got < 0 && errno == ECHILD);
}

void db_sleep_ms(unsigned ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };
	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

bool db_child_ends_within(pid_t pid, unsigned timeout_ms)
{
	int64_t until = clock_monotonic_us() + (int64_t)timeout_ms * 1000;

	while (!db_child_ended(pid)) {
		if (clock_monotonic_us() >= until)
			return false;
		db_sleep_ms(5);
	}
	return true;
}
