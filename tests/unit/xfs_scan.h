/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scan of the scripted kernel's file system whose lines are collected as text.
 */
#ifndef HS_TESTS_XFS_SCAN_H
#define HS_TESTS_XFS_SCAN_H

#include "cm.h"
#include "fakekernel.h"
#include "xfs/scan.h"

struct xs {
	struct hs_xfs_listener l; /* first member */
	struct fakekernel fk;
	struct hs_xfs_options opt;
	struct hs_stop stop;
	struct hs_xfs_scan scan;
	struct hs_run *run; /* may be NULL */
	const char *devices[HS_XFS_DEVICES];
	struct hs_strbuf lines;
	struct hs_strbuf phases;
	errint_t rc;
	int exit;
};

static void xs_message(struct hs_xfs_listener *l, const struct hs_xfs_message *m)
{
	static const char *const levels[] = {"Corruption", "Error",    "Unfixable Error", "Warning",
					     "Info",	   "Repaired", "Optimized"};

	hs_strbuf_printf(&((struct xs *)l)->lines, "%s: %s: %s\n", levels[m->level], m->object,
			 m->text);
}

static void xs_phase(struct hs_xfs_listener *l, unsigned phase, bool begin)
{
	if (begin)
		hs_strbuf_printf(&((struct xs *)l)->phases, "%u", phase);
}

static void xs_total(struct hs_xfs_listener *l, const char *text)
{
	hs_strbuf_printf(&((struct xs *)l)->lines, "%s\n", text);
}

static inline void xs_init(struct xs *x, const char *script)
{
	memset(x, 0, sizeof(*x));
	x->l = (struct hs_xfs_listener){xs_message, xs_phase, xs_total};
	x->opt.threads = 1;
	fk_init(&x->fk);
	fk_script(&x->fk, script);
}

static inline void xs_begin(struct xs *x)
{
	struct hs_xfs_scan_params p = {.kernel = &x->fk.k,
				       .path = "/mnt",
				       .shown = "/mnt",
				       .opt = &x->opt,
				       .listener = &x->l,
				       .run = x->run,
				       .stop = &x->stop,
				       .devices = x->devices};

	assert_int_equal(hs_xfs_scan_init(&x->scan, &p), 0);
}

static inline void xs_run(struct xs *x)
{
	xs_begin(x);
	x->rc = hs_xfs_scan_run(&x->scan, "/mnt");
	x->exit = hs_xfs_scan_exit(&x->scan, x->rc);
}

static inline void xs_free(struct xs *x)
{
	hs_xfs_scan_free(&x->scan);
	fk_free(&x->fk);
	hs_strbuf_free(&x->lines);
	hs_strbuf_free(&x->phases);
}

static inline const char *xs_lines(const struct xs *x)
{
	return hs_strbuf_str(&x->lines);
}

static inline void xs_expect(const struct xs *x, const char *line)
{
	if (!strstr(xs_lines(x), line))
		fail_msg("no line \"%s\" in:\n%s\ncalls:\n%s", line, xs_lines(x), fk_log(&x->fk));
}

static inline void xs_expect_none(const struct xs *x, const char *text)
{
	if (strstr(xs_lines(x), text))
		fail_msg("unexpected \"%s\" in:\n%s", text, xs_lines(x));
}

static inline void xs_expect_call(const struct xs *x, const char *text)
{
	if (!fk_has(&x->fk, text))
		fail_msg("no call \"%s\" in:\n%s", text, fk_log(&x->fk));
}

#endif
