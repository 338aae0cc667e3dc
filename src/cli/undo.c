/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holystone undo: takes back what a run has changed on its targets. The undo files in the run's
 * directory say which targets there are; run.db says where they were, and need not be readable.
 */
#include <argp.h>
#include <dirent.h>
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "cli/command.h"
#include "ldiskfs/revert.h"

#define SUFFIX ".e2undo"

struct options {
	bool dry;
	bool quiet;
	const char *run;
	char **targets; /* LABEL or LABEL=DEVICE */
	size_t n, room;
};

static const struct argp_option argp_options[] = {
	{"dry-run", 'n', NULL, 0, "Only verify that it can be done; write nothing", 0},
	{"quiet", 'q', NULL, 0, "Print no messages but warnings and errors", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'n':
		o->dry = true;
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		if (!o->run) {
			o->run = arg;
			return 0;
		}
		if (hs_array_grow(&o->targets, &o->room, o->n + 1))
			return ENOMEM;
		o->targets[o->n++] = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no run given");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = argp_options,
	.parser = parse,
	.args_doc = "RUN [TARGET[=DEVICE]...]",
	.doc = "Take back what a repair has changed."
	       "\vRUN is the directory of a run, or its name. All targets that it has changed are "
	       "restored, or those that are named by their labels (MDT0000). A DEVICE is needed "
	       "only where it is no longer where the run found it.\n\n"
	       "Exit status: 0 everything is as it was before the run, 8 not everything, 16 usage.",
};

/* One target on its way back. */
struct item {
	char *label;
	char *device; /* NULL: run.db tells */
	bool found;   /* there is an undo file */
};

struct undo {
	struct hs_cli *cli;
	const struct options *o;
	char *dir;
	struct hs_run *run; /* NULL: cannot be read */
	struct item *items;
	size_t n, room;
};

static struct item *item_of(struct undo *u, const char *label, size_t len)
{
	for (size_t i = 0; i < u->n; i++)
		if (strlen(u->items[i].label) == len && !memcmp(u->items[i].label, label, len))
			return &u->items[i];
	return NULL;
}

static errint_t add_item(struct undo *u, const char *label, size_t len, const char *device,
			 bool found)
{
	struct item *item = item_of(u, label, len);
	errint_t err;

	if (!item) {
		err = hs_array_grow(&u->items, &u->room, u->n + 1);
		if (err)
			return err;
		item = &u->items[u->n];
		*item = (struct item){.label = strndup(label, len)};
		if (!item->label)
			return -ENOMEM;
		u->n++;
	}
	item->found |= found;
	if (device && !item->device) {
		item->device = strdup(device);
		if (!item->device)
			return -ENOMEM;
	}
	return 0;
}

static errint_t named_targets(struct undo *u)
{
	errint_t err = 0;

	for (size_t i = 0; i < u->o->n && !err; i++) {
		const char *arg = u->o->targets[i], *equals = strchr(arg, '=');

		err = add_item(u, arg, equals ? (size_t)(equals - arg) : strlen(arg),
			       equals ? equals + 1 : NULL, false);
	}
	return err;
}

static int by_label(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->label, ((const struct item *)b)->label);
}

/* The undo files of the directory; those that were not asked for are left out. */
static errint_t changed_targets(struct undo *u)
{
	DIR *dir = opendir(u->dir);
	const struct dirent *entry;
	errint_t err = dir ? 0 : -errno;

	while (!err && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (len <= strlen(SUFFIX) || strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX))
			continue;
		len -= strlen(SUFFIX);
		if (!u->o->n || item_of(u, entry->d_name, len))
			err = add_item(u, entry->d_name, len, NULL, true);
	}
	if (dir)
		closedir(dir);
	if (err)
		hs_log(u->cli->log, HS_LOG_ERROR, "cannot read %s: %s", u->dir, strerror(-err));
	else if (u->n)
		qsort(u->items, u->n, sizeof(*u->items), by_label);
	return err;
}

static errint_t note_device(const struct hs_run_target *t, void *arg)
{
	struct undo *u = arg;

	return t->device && item_of(u, t->label, strlen(t->label))
		       ? add_item(u, t->label, strlen(t->label), t->device, false)
		       : 0;
}

/* Without run.db an undo is still possible. */
static errint_t open_run(struct undo *u)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
	errint_t err = hs_run_open(u->dir, HS_RUN_READ, &u->run, &why);

	if (err) {
		hs_log(u->cli->log, HS_LOG_WARN, "%s; targets without =DEVICE cannot be found",
		       hs_strbuf_str(&why));
		return 0;
	}
	return hs_run_each_target(u->run, note_device, u);
}

static bool restore(struct undo *u, const struct item *item)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
	const char *name = strrchr(u->dir, '/');
	const struct hs_revert_params p = {
		.device = item->device,
		.dir = u->dir,
		.label = item->label,
		.holder = name ? name + 1 : u->dir,
		.dry = u->o->dry,
	};
	struct hs_reverted done;
	errint_t err;

	if (!item->found) {
		hs_log(u->cli->log, HS_LOG_ERROR, "%s: the run has changed nothing on it",
		       item->label);
		return false;
	}
	if (!item->device) {
		hs_log(u->cli->log, HS_LOG_ERROR, "%s: where is it? Name it as %s=DEVICE",
		       item->label, item->label);
		return false;
	}
	err = hs_revert(&p, &done, &why);
	if (err) {
		hs_log(u->cli->log, HS_LOG_ERROR, "%s: %s", item->label, hs_strbuf_str(&why));
		return false;
	}
	if (!u->o->quiet)
		fprintf(u->cli->out, "%s: %" PRIu64 " blocks (%" PRIu64 " bytes) %s\n", item->label,
			done.blocks, done.bytes, u->o->dry ? "can be restored" : "restored");
	return true;
}

static int run(struct undo *u)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
	bool all = true;
	size_t len;
	errint_t err = hs_run_find(NULL, u->o->run, &u->dir, &why);

	if (err) {
		hs_log(u->cli->log, HS_LOG_ERROR, "%s",
		       why.len ? hs_strbuf_str(&why) : strerror(-err));
		return HS_EXIT_OPERATIONAL;
	}
	for (len = strlen(u->dir); len > 1 && u->dir[len - 1] == '/'; len--)
		u->dir[len - 1] = '\0';
	err = named_targets(u);
	if (!err)
		err = changed_targets(u);
	if (err)
		return HS_EXIT_OPERATIONAL;
	if (!u->n) {
		if (!u->o->quiet)
			fprintf(u->cli->out, "the run has changed nothing\n");
		return HS_EXIT_CLEAN;
	}
	if (open_run(u))
		return HS_EXIT_OPERATIONAL;
	for (size_t i = 0; i < u->n; i++)
		all &= restore(u, &u->items[i]);
	return all ? HS_EXIT_CLEAN : HS_EXIT_OPERATIONAL;
}

int hs_command_undo(struct hs_cli *cli, int argc, char **argv)
{
	struct options o = {0};
	struct undo u = {.cli = cli, .o = &o};
	int result;

	argp_err_exit_status = HS_EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	result = run(&u);
	hs_run_close(u.run);
	for (size_t i = 0; i < u.n; i++) {
		free(u.items[i].label);
		free(u.items[i].device);
	}
	free(u.items);
	free(u.dir);
	free(o.targets);
	return result;
}
