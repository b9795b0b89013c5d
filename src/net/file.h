/* SPDX-License-Identifier: MIT */
/* Small files whole: certificates and keys. Blocking. */
#ifndef NET_FILE_H
#define NET_FILE_H

#include "base/buf.h"

enum { FILE_SMALL_MAX = 1024 * 1024 };

/* Appends the file's bytes. 0, or a negative errno; -EFBIG when it exceeds the buffer's maximum. */
must_use int file_read(const char *path, struct buf *to);
/*
 * Writes a temporary file beside `path`, syncs it, renames it and syncs the directory. 0 or a negative errno; then `path`
 * is as it was, unless it was the directory that could not be synced. Root gives new files to the owner of theirs.
 */
must_use int file_replace(const char *path, struct str bytes, unsigned mode);
/* Renames within a directory, over what is there, and syncs it. 0 or a negative errno. */
must_use int file_move(const char *from, const char *to);
/* Makes the directory, for its owner only, unless it is there; its parent must be. 0 or a negative errno. */
must_use int directory_make(const char *path);
/* Overwrites the bytes before releasing them; for keys. Fits `owned`. */
void buf_wipe(struct buf *buf);

#endif
