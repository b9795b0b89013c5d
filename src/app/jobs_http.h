/* SPDX-License-Identifier: MIT */
/* Answers that are jobs. */
#ifndef APP_JOBS_HTTP_H
#define APP_JOBS_HTTP_H

#include "app/job_view.h"
#include "loop/call.h"

must_use struct turn jobs_reply(struct call *call, int status, const struct job_view *job);
/* 202, with where to follow it. */
must_use struct turn jobs_reply_begun(struct call *call, const struct job_view *job);

#endif
