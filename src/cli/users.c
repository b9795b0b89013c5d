/* SPDX-License-Identifier: MIT */
/* recordd user: accounts from the command line. */
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "app/users_admin.h"
#include "cli/accounts.h"
#include "cli/command.h"
#include "codec/json_out.h"

enum { LARGEST_LISTING = 64 << 20 };

/* ── Passwords ── */

/* A line from standard input without its end; absent at its end, or over the bound. */
static struct str read_line(struct arena *arena)
{
	char text[AUTH_PASSWORD_MAX + 2];
	size_t len = 0;

	for (int c; len < sizeof(text) && (c = getchar()) != EOF && c != '\n';)
		text[len++] = (char)c;
	return arena_copy(arena, (struct str){ text, len });
}

/* Asks twice on a terminal, without showing what is typed. */
static struct str ask(struct arena *arena, struct str *said)
{
	struct termios shown, hidden;

	if (tcgetattr(STDIN_FILENO, &shown)) {
		*said = STR("standard input is no terminal; give the password with --password-stdin");
		return STR_ABSENT;
	}
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	fputs("Password: ", stderr);
	struct str first = read_line(arena);
	fputs("\nOnce more: ", stderr);
	struct str second = read_line(arena);
	fputs("\n", stderr);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	if (str_equal(first, second))
		return first;
	*said = STR("the two passwords differ");
	return STR_ABSENT;
}

static struct str read_password(struct invocation *run, struct str *said)
{
	return run->options.password_stdin ? read_line(run->arena) : ask(run->arena, said);
}

/* ── The commands ── */

static void print_row(const struct users_row *row, bool json)
{
	owned(buf_free) struct buf text = buf_of(LARGEST_LISTING);
	struct json_out out = json_out_of(&text);
	char id[UUID_TEXT + 1];

	if (!json) {
		printf("%s  %.*s\n", uuid_format(&row->id, id).at, STR_ARG(row->email));
		return;
	}
	json_object(&out);
	json_put_uuid(&out, STR("id"), &row->id);
	json_put_str(&out, STR("email"), row->email);
	json_put_time_ms(&out, STR("createdAt"), row->created_ms);
	json_put_int(&out, STR("sessions"), row->n_sessions);
	json_object_end(&out);
	printf("%.*s\n", STR_ARG(buf_str(&text)));
}

int cmd_user_add(struct invocation *run)
{
	struct workspace work;
	struct users_row row;
	struct str said = STR_ABSENT;
	struct str password = read_password(run, &said);

	if (!str_present(password))
		return command_failed(EX_DATAERR, said);
	int error = accounts_open(&work, run, &said);
	if (error)
		return command_failed(error, said);
	struct users_admin admin = accounts_admin(&work, run);
	error = accounts_exit_code(users_admin_add(&admin, str_of(run->argument), password, &row, &said));
	workspace_close(&work);
	if (error)
		return command_failed(error, said);
	print_row(&row, run->options.json);
	return EX_OK;
}

int cmd_user_passwd(struct invocation *run)
{
	struct workspace work;
	struct str said = STR_ABSENT;
	struct str password = read_password(run, &said);

	if (!str_present(password))
		return command_failed(EX_DATAERR, said);
	int error = accounts_open(&work, run, &said);
	if (error)
		return command_failed(error, said);
	struct users_admin admin = accounts_admin(&work, run);
	error = accounts_exit_code(users_admin_set_password(&admin, str_of(run->argument), password, &said));
	workspace_close(&work);
	if (error)
		return command_failed(error, said);
	puts(run->options.json ? "{\"changed\":true}" : "The password is set; the account's sessions have ended.");
	return EX_OK;
}

int cmd_user_list(struct invocation *run)
{
	struct workspace work;
	struct users_row *rows;
	struct str said = STR_ABSENT;
	size_t n = 0;

	int error = accounts_open(&work, run, &said);
	if (error)
		return command_failed(error, said);
	struct users_admin admin = accounts_admin(&work, run);
	error = accounts_exit_code(users_admin_list(&admin, &rows, &n, &said));
	workspace_close(&work);
	if (error)
		return command_failed(error, said);
	for (size_t i = 0; i < n; i++)
		print_row(&rows[i], run->options.json);
	return EX_OK;
}
