/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "holystone setup-xfs-scrub": makes /usr/sbin/xfs_scrub this program, and undoes it.
 *
 * The file belongs to xfsprogs, so dpkg is told to put its own beside it from now on (a local
 * diversion). At each moment there is a program of that name: the old one gets its second name as a
 * hard link before the first is replaced by rename. Whatever interrupts this, what was done so far
 * is one of the states below, from which both directions go on.
 */
#include <argp.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/child.h"
#include "cli/command.h"

#define DIR	"/usr/sbin"
#define NAME	"xfs_scrub"
#define ASIDE	"xfs_scrub.xfsprogs"
#define NEW	"xfs_scrub.holystone-new" /* never executed: only ever renamed */
#define PROGRAM HS_SBINDIR "/holystone"
#define BY_HAND "ln -s " PROGRAM " /usr/local/sbin/" NAME

enum what { NOTHING, OURS, OTHER };

struct setup {
	struct hs_cli *cli;
	const char *root; /* "" for the system itself */
	bool undo;
	bool dry_run;

	int dir; /* DIR below the root */
	bool diverted;
	enum what name, aside;
	bool same; /* both are names of one file */
};

enum { KEY_UNDO = 0x1000, KEY_ROOT };

static const struct argp_option options[] = {
	{"undo", KEY_UNDO, NULL, 0, "Give the name back to xfsprogs", 0},
	{"dry-run", 'n', NULL, 0, "Change nothing: tell what would be done", 0},
	{"root", KEY_ROOT, "DIR", 0, "Work on the system below DIR", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct setup *s = state->input;

	switch (key) {
	case KEY_UNDO:
		s->undo = true;
		return 0;
	case 'n':
		s->dry_run = true;
		return 0;
	case KEY_ROOT:
		if (!arg[0])
			argp_error(state, "--root takes the name of a directory");
		s->root = strcmp(arg, "/") ? arg : "";
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {options,
				 parse,
				 NULL,
				 "Makes xfs_scrub this program, beside an installed xfsprogs, or "
				 "undoes it.",
				 NULL,
				 NULL,
				 NULL};

static int fail(const struct setup *s, const char *what)
{
	hs_log(s->cli->log, HS_LOG_ERROR, "%s: %s", what, strerror(errno));
	return HS_EXIT_OPERATIONAL;
}

/* ---- dpkg ---- */

static void take_line(void *arg, const char *text, size_t len)
{
	hs_strbuf_add(arg, text, len && text[len - 1] == '\n' ? len - 1 : len);
}

/* dpkg-divert [--root=DIR] OPTION... of this file. */
static int divert(const struct setup *s, const char *const words[], struct hs_strbuf *answer)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf root = HS_STRBUF_INIT;
	const char *argv[12] = {"dpkg-divert"};
	struct hs_child c = {
		.file = argv[0], .argv = argv, .line = answer ? take_line : NULL, .arg = answer};
	size_t n = 1;
	int status;
	errint_t rc;

	hs_strbuf_printf(&root, "--root=%s", s->root);
	if (hs_strbuf_error(&root))
		return HS_EXIT_OPERATIONAL;
	if (s->root[0])
		argv[n++] = hs_strbuf_str(&root);
	while (*words)
		argv[n++] = *words++;
	argv[n++] = DIR "/" NAME;
	rc = hs_child_run(&c, &status);
	if (rc == -ENOENT) {
		hs_log(s->cli->log, HS_LOG_ERROR,
		       "no dpkg-divert: this is no system of Debian's kind; give the name to "
		       "holystone by hand: " BY_HAND);
		return HS_EXIT_OPERATIONAL;
	}
	if (rc || status) {
		hs_log(s->cli->log, HS_LOG_ERROR, "dpkg-divert failed: %s",
		       rc ? strerror(-rc) : "see above");
		return HS_EXIT_OPERATIONAL;
	}
	return 0;
}

/* Whether the file is diverted by us; another's diversion is an error. */
static int ask_dpkg(struct setup *s)
{
	static const char *const who[] = {"--listpackage", NULL};
	static const char *const where[] = {"--truename", NULL};
	hs_cleanup(hs_strbuf_free) struct hs_strbuf owner = HS_STRBUF_INIT;
	hs_cleanup(hs_strbuf_free) struct hs_strbuf place = HS_STRBUF_INIT;
	int code = divert(s, who, &owner);

	if (!code)
		code = divert(s, where, &place);
	if (code)
		return code;
	s->diverted = owner.len > 0;
	if (!s->diverted)
		return 0;
	if (!strcmp(hs_strbuf_str(&owner), "LOCAL") &&
	    !strcmp(hs_strbuf_str(&place), DIR "/" ASIDE))
		return 0;
	hs_log(s->cli->log, HS_LOG_ERROR,
	       "dpkg already diverts " DIR "/" NAME " to %s (for %s): not ours to change",
	       hs_strbuf_str(&place), hs_strbuf_str(&owner));
	return HS_EXIT_OPERATIONAL;
}

/* ---- the files ---- */

static const char *link_text(void)
{
	/* in the same directory the bare name is enough, and right in each root */
	return !strcmp(HS_SBINDIR, DIR) ? "holystone" : PROGRAM;
}

static int look(const struct setup *s, const char *name, struct stat *st, enum what *what)
{
	char text[4096];
	ssize_t n;

	*what = NOTHING;
	if (fstatat(s->dir, name, st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : fail(s, name);
	*what = OTHER;
	if (!S_ISLNK(st->st_mode))
		return 0;
	n = readlinkat(s->dir, name, text, sizeof(text) - 1);
	if (n < 0)
		return fail(s, name);
	text[n] = '\0';
	if (!strcmp(text, link_text()) || !strcmp(text, PROGRAM))
		*what = OURS;
	return 0;
}

static int look_at_both(struct setup *s)
{
	struct stat name = {0}, aside = {0};
	int code = look(s, NAME, &name, &s->name);

	if (!code)
		code = look(s, ASIDE, &aside, &s->aside);
	s->same = s->name == OTHER && s->aside == OTHER && name.st_dev == aside.st_dev &&
		  name.st_ino == aside.st_ino;
	return code;
}

/* Another run must not work on the same files; dpkg's own runs are kept apart by the diversion. */
static int open_directory(struct setup *s)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf path = HS_STRBUF_INIT;

	hs_strbuf_printf(&path, "%s%s", s->root, DIR);
	s->dir = open(hs_strbuf_str(&path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0 || flock(s->dir, LOCK_EX))
		return fail(s, hs_strbuf_str(&path));
	return 0;
}

static int check_program(const struct setup *s)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf path = HS_STRBUF_INIT;

	hs_strbuf_printf(&path, "%s%s", s->root, PROGRAM);
	if (access(hs_strbuf_str(&path), X_OK) == 0)
		return 0;
	hs_log(s->cli->log, HS_LOG_ERROR, "%s: %s: install holystone first", hs_strbuf_str(&path),
	       strerror(errno));
	return HS_EXIT_OPERATIONAL;
}

/* Two files claim the name, and which of them is wanted cannot be known. */
static int conflict(const struct setup *s)
{
	hs_log(s->cli->log, HS_LOG_ERROR,
	       "there is a " DIR "/" NAME
	       " that is neither holystone nor xfsprogs' own, which is " DIR "/" ASIDE
	       ": move it away, and run this again");
	return HS_EXIT_OPERATIONAL;
}

/* ---- there ---- */

static int add_diversion(const struct setup *s)
{
	static const char *const words[] = {"--quiet",	   "--local", "--no-rename", "--divert",
					    DIR "/" ASIDE, "--add",   NULL};

	return divert(s, words, NULL);
}

static int put_link(const struct setup *s)
{
	if (unlinkat(s->dir, NEW, 0) && errno != ENOENT)
		return fail(s, NEW);
	if (symlinkat(link_text(), s->dir, NEW))
		return fail(s, NEW);
	if (renameat(s->dir, NEW, s->dir, NAME))
		return fail(s, NAME);
	return 0;
}

static int put_aside(const struct setup *s)
{
	if (linkat(s->dir, NAME, s->dir, ASIDE, 0) == 0)
		return 0;
	if (errno != EPERM && errno != EOPNOTSUPP && errno != EMLINK)
		return fail(s, ASIDE);
	/* no hard links here: for a moment there is no such program */
	return renameat(s->dir, NAME, s->dir, ASIDE) ? fail(s, ASIDE) : 0;
}

static int set_up(struct setup *s)
{
	int code = check_program(s);

	if (code)
		return code;
	if (s->name == OTHER && s->aside != NOTHING && !s->same)
		return conflict(s);
	if (s->dry_run) {
		fprintf(s->cli->out,
			s->diverted && s->name == OURS ? DIR "/" NAME " is holystone already\n"
						       : "would divert " DIR "/" NAME " to " DIR
							 "/" ASIDE " and make it a link to %s\n",
			link_text());
		return 0;
	}
	if (!s->diverted)
		code = add_diversion(s);
	if (!code && s->name == OTHER && !s->same)
		code = put_aside(s);
	if (!code && s->name != OURS)
		code = put_link(s);
	if (!code && fsync(s->dir))
		code = fail(s, DIR);
	if (!code)
		fprintf(s->cli->out,
			DIR "/" NAME " is holystone; xfsprogs' own is " DIR "/" ASIDE "\n");
	return code;
}

/* ---- and back ---- */

static int give_back(const struct setup *s)
{
	if (s->same)
		return unlinkat(s->dir, ASIDE, 0) ? fail(s, ASIDE) : 0;
	if (s->aside != NOTHING)
		return renameat(s->dir, ASIDE, s->dir, NAME) ? fail(s, NAME) : 0;
	if (s->name == OURS)
		return unlinkat(s->dir, NAME, 0) ? fail(s, NAME) : 0;
	return 0;
}

static int take_down(struct setup *s)
{
	static const char *const words[] = {"--quiet", "--local", "--no-rename", "--remove", NULL};
	int code;

	if (!s->diverted) {
		/* then what lies aside is none of ours either */
		fprintf(s->cli->out, DIR "/" NAME " is not diverted: nothing to undo\n");
		return 0;
	}
	if (s->name == OTHER && s->aside != NOTHING && !s->same)
		return conflict(s);
	if (s->dry_run) {
		fprintf(s->cli->out, "would put " DIR "/" ASIDE " back in its place\n");
		return 0;
	}
	if (unlinkat(s->dir, NEW, 0) && errno != ENOENT)
		return fail(s, NEW);
	code = give_back(s);
	if (!code && fsync(s->dir))
		code = fail(s, DIR);
	if (!code)
		code = divert(s, words, NULL);
	if (!code)
		fprintf(s->cli->out, DIR "/" NAME " is xfsprogs' own again\n");
	return code;
}

int hs_command_setup_xfs_scrub(struct hs_cli *cli, int argc, char **argv)
{
	struct setup s = {.cli = cli, .root = "", .dir = -1};
	int code;

	argp_err_exit_status = HS_EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &s);
	if (!s.root[0] && !s.dry_run && geteuid() != 0) {
		hs_log(cli->log, HS_LOG_ERROR, "only root can change " DIR "/" NAME);
		return HS_EXIT_OPERATIONAL;
	}
	code = open_directory(&s);
	if (!code)
		code = ask_dpkg(&s);
	if (!code)
		code = look_at_both(&s);
	if (!code)
		code = s.undo ? take_down(&s) : set_up(&s);
	if (s.dir >= 0)
		close(s.dir);
	return code;
}
