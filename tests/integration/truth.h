/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the clients of real file systems saw: truth.jsonl.zst, one name a line.
 */
#ifndef HS_TESTS_TRUTH_H
#define HS_TESTS_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lustre/fid.h"

/* One name as a client saw it; `line` is the text that it was read from. */
struct truth_name {
	const char *line;
	struct hs_fid fid;
	unsigned mode;
	unsigned nlink;
	uint8_t *path; /* from the root, "/" first; "" is the root itself; malloced */
	size_t path_len;
};

/* Calls fn for each line. False: cannot be read, or fn said so. */
bool truth_each(const char *file, bool (*fn)(void *arg, struct truth_name *o), void *arg);

/* A base64 value of the line by its key, malloced; NULL when there is none. */
uint8_t *truth_value(const char *line, const char *key, size_t *len);

#endif
