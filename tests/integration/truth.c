/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text after "key": in a line as json.dumps() writes it; a quote inside a string is escaped. */
static const char *find_field(const char *line, const char *key)
{
	char pattern[64];
	const char *p;

	snprintf(pattern, sizeof(pattern), "\"%s\": ", key);
	p = strstr(line, pattern);
	return p ? p + strlen(pattern) : NULL;
}

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

uint8_t *truth_value(const char *line, const char *key, size_t *len)
{
	const char *p = find_field(line, key);
	unsigned bits = 0, n = 0;
	uint8_t *value;

	if (!p || *p++ != '"')
		return NULL;
	value = malloc(strlen(p) + 1);
	if (!value)
		abort();
	*len = 0;
	for (; base64_digit(*p) >= 0; p++) {
		bits = bits << 6 | (unsigned)base64_digit(*p);
		n += 6;
		if (n >= 8) {
			n -= 8;
			value[(*len)++] = (uint8_t)(bits >> n);
		}
	}
	/* to its size, so that a sanitizer sees every byte too far */
	return realloc(value, *len ? *len : 1);
}

static bool read_name(const char *line, struct truth_name *o)
{
	const char *fid = find_field(line, "fid"), *mode = find_field(line, "mode");
	const char *nlink = find_field(line, "nlink");

	if (!fid || !mode || !nlink || fid[0] != '"' || strncmp(mode, "\"0o", 3) != 0)
		return false;
	o->line = line;
	o->mode = (unsigned)strtoul(mode + 3, NULL, 8);
	o->nlink = (unsigned)strtoul(nlink, NULL, 10);
	if (hs_fid_parse(fid + 1, strcspn(fid + 1, "\""), &o->fid))
		return false;
	o->path = truth_value(line, "path", &o->path_len);
	return o->path != NULL;
}

bool truth_each(const char *file, bool (*fn)(void *arg, struct truth_name *o), void *arg)
{
	char command[4200];
	char *line = NULL;
	size_t room = 0;
	bool ok = true;
	FILE *f;

	snprintf(command, sizeof(command), "zstd -dcq '%s'", file);
	f = popen(command, "r");
	if (!f)
		return false;
	while (ok && getline(&line, &room, f) > 0) {
		struct truth_name o = {0};

		ok = read_name(line, &o);
		if (!ok)
			fprintf(stderr, "no object: %.60s\n", line);
		else
			ok = fn(arg, &o);
		free(o.path);
	}
	free(line);
	return pclose(f) == 0 && ok;
}
