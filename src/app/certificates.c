/* SPDX-License-Identifier: MIT */
/* What others need of our certificates: the local authority to trust, and ACME's proof that this host is ours. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "app/handlers.h"
#include "http/http.h"

/* A key authorization is a token, a dot and 43 characters (RFC 8555 section 8.1). */
enum { LONGEST_TOKEN = 128, LONGEST_ANSWER = 1024 };

static struct turn authority_reply(struct call *call, struct str content_type, struct blob *authority)
{
	if (!authority)
		return call_fail_with(call, PROBLEM_NOT_FOUND, "the certificate is not of a local authority");
	reply_header(call, STR("cache-control"), STR("no-cache"));
	return reply_blob(call, 200, content_type, authority, STR_ABSENT);
}

struct turn authority_get(struct call *call)
{
	return authority_reply(call, STR("application/x-x509-ca-cert"), app_of(call)->authority_der);
}

struct turn authority_get_bundle(struct call *call)
{
	return authority_reply(call, STR("application/x-pem-file"), app_of(call)->authority_pem);
}

/* ── http-01 ── */

struct challenge {
	const char *file;
	char answer[LONGEST_ANSWER];
	ssize_t n; /* bytes of it, or negative errno */
};

/* base64url (RFC 8555 section 8.3): neither a dot nor a slash can be in it. */
static bool is_token(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!char_is_alpha(text.at[i]) && !char_is_digit(text.at[i]) && text.at[i] != '-' && text.at[i] != '_')
			return false;
	return text.len > 0 && text.len <= LONGEST_TOKEN;
}

/* Only a file of its own: what a link or a pipe of that name leads to was not put there by an ACME client. */
static void read_answer(void *arg)
{
	struct challenge *challenge = arg;
	struct stat facts;
	int file = open(challenge->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (file < 0) {
		challenge->n = -errno;
		return;
	}
	if (fstat(file, &facts) || !S_ISREG(facts.st_mode) || facts.st_size > LONGEST_ANSWER)
		challenge->n = -EINVAL;
	else
		challenge->n = read(file, challenge->answer, sizeof(challenge->answer));
	close(file);
}

static struct turn acme_challenge_send(struct call *call)
{
	const struct challenge *challenge = call->state;

	if (challenge->n < 0)
		return call_fail_with(call, PROBLEM_NOT_FOUND, "no such challenge");
	reply_header(call, STR("cache-control"), STR("no-store"));
	return reply_text(call, 200, STR("application/octet-stream"),
			  (struct str){ challenge->answer, (size_t)challenge->n });
}

struct turn acme_challenge(struct call *call)
{
	struct app *app = app_of(call);
	struct str token = call->request->path_params[0];
	struct challenge *challenge = arena_new_of(call->arena, struct challenge);

	if (!is_token(token))
		return call_fail_with(call, PROBLEM_NOT_FOUND, "no such challenge");
	struct str file = arena_printf(call->arena, "%.*s/.well-known/acme-challenge/%.*s",
				       STR_ARG(app->settings.acme_dir), STR_ARG(token));
	if (!challenge || !str_present(file))
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	challenge->file = file.at;
	call->state = challenge;
	return work_run(call, &app->challenges, read_answer, challenge, STEP(acme_challenge_send));
}
