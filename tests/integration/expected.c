/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expected.h"

#include <stdlib.h>
#include <string.h>

bool expected_next(FILE *f, struct expected *e)
{
	char *line = NULL;
	size_t room = 0;
	bool any = false;
	long at = ftell(f);

	hs_strbuf_reset(&e->text);
	while (getline(&line, &room, f) > 0) {
		if (line[0] != '#' && line[0] != '\n') {
			if (line[0] != '\t' && any) {
				fseek(f, at, SEEK_SET);
				break;
			}
			if (!any)
				sscanf(line, "%127s", e->name);
			any = true;
			hs_strbuf_puts(&e->text, line);
		}
		at = ftell(f);
	}
	free(line);
	return any;
}

void expected_free(struct expected *e)
{
	hs_strbuf_free(&e->text);
}

bool expected_equals(const struct expected *e, const char *what, const char *got)
{
	if (!strcmp(hs_strbuf_str(&e->text), got))
		return true;
	fprintf(stderr, "%s: expected\n%sfound\n%s\n", what, hs_strbuf_str(&e->text), got);
	return false;
}
