/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * *.expected files: blocks of a head line and lines that begin with a tab; lines that begin with
 * '#' and empty lines do not count.
 */
#ifndef HS_TESTS_EXPECTED_H
#define HS_TESTS_EXPECTED_H

#include <stdbool.h>
#include <stdio.h>

#include "base/strbuf.h"

struct expected {
	char name[128];	       /* first word of the head */
	struct hs_strbuf text; /* the block, one line after the other */
};

/* The next block of the file; false at its end. Zero *e before the first call. */
bool expected_next(FILE *f, struct expected *e);
void expected_free(struct expected *e);

/* True if equal; else both are printed. */
bool expected_equals(const struct expected *e, const char *what, const char *got);

#endif
