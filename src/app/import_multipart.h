/* SPDX-License-Identifier: MIT */
/* The file in a multipart/form-data body (RFC 7578), as browsers' forms send it. */
#ifndef APP_IMPORT_MULTIPART_H
#define APP_IMPORT_MULTIPART_H

#include "base/str.h"

/* The boundary of a content type; absent when it is no multipart/form-data, or names none that is allowed. */
struct str multipart_boundary(struct str content_type);

/* The content of the first part that has a file name, as a slice of the body; absent when there is none. */
struct str multipart_file(struct str body, struct str boundary);

#endif
