/* SPDX-License-Identifier: MIT */
/* An uploaded file into its place: moved as it is, or cut out of a form. */
#include "app/import_upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/import_multipart.h"
#include "obs/log.h"

static void fault(struct import_upload *upload, const char *what)
{
	upload->outcome = errno == ENOSPC || errno == EDQUOT ? UPLOAD_NO_SPACE : UPLOAD_FAULT;
	log_error("upload not stored", LOG_TEXT("step", str_of(what)), LOG_INT("errno", errno));
}

static void write_file(struct import_upload *upload, struct str bytes)
{
	int file = open(upload->target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (file < 0) {
		fault(upload, "create");
		return;
	}
	while (bytes.len) {
		ssize_t n = write(file, bytes.at, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fault(upload, "write");
			break;
		}
		bytes = str_skip(bytes, (size_t)n);
	}
	close(file);
	if (bytes.len)
		unlink(upload->target);
}

/* The body's bytes go in: the whole of them, or the file within a form. */
static void store_bytes(struct import_upload *upload, struct str body)
{
	struct str content = str_present(upload->boundary) ? multipart_file(body, upload->boundary) : body;

	if (!str_present(content)) {
		upload->outcome = UPLOAD_NO_FILE;
		return;
	}
	if (str_blank(content)) {
		upload->outcome = UPLOAD_EMPTY;
		return;
	}
	upload->bytes = (int64_t)content.len;
	write_file(upload, content);
}

static void store_spooled_form(struct import_upload *upload, size_t size)
{
	int file = open(upload->source, O_RDONLY | O_CLOEXEC);
	char *at = file < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);

	if (at == MAP_FAILED) {
		fault(upload, "read");
	} else {
		store_bytes(upload, (struct str){ at, size });
		munmap(at, size);
	}
	if (file >= 0)
		close(file);
}

void import_upload_store(void *arg)
{
	struct import_upload *upload = arg;
	struct stat spooled;

	upload->outcome = UPLOAD_STORED;
	if (mkdir(upload->dir, 0700) && errno != EEXIST) {
		fault(upload, "directory");
	} else if (!upload->source) {
		store_bytes(upload, upload->body);
	} else if (stat(upload->source, &spooled)) {
		fault(upload, "look");
	} else if (spooled.st_size == 0) {
		upload->outcome = UPLOAD_EMPTY;
	} else if (str_present(upload->boundary)) {
		store_spooled_form(upload, (size_t)spooled.st_size);
	} else {
		upload->bytes = spooled.st_size;
		if (rename(upload->source, upload->target))
			fault(upload, "move");
	}
}
