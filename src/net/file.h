/* SPDX-License-Identifier: MIT */
/* Small files whole: certificates and keys. Blocking. */
#ifndef NET_FILE_H
#define NET_FILE_H

#include "base/buf.h"

enum { FILE_SMALL_MAX = 1024 * 1024 };

/* Appends the file's bytes. 0, or a negative errno; -EFBIG when it exceeds the buffer's maximum. */
must_use int file_read(const char *path, struct buf *to);
/* Writes a temporary file beside `path`, syncs it and renames it. 0 or a negative errno; then `path` is as it was. */
must_use int file_replace(const char *path, struct str bytes, unsigned mode);
/* Overwrites the bytes before releasing them; for keys. Fits `owned`. */
void buf_wipe(struct buf *buf);

#endif
