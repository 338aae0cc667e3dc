/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table of lines a parameter (rule notes 9.1 to 9.3). Lines that are no counters are told by
 * name; every other one is a total "PARAMETER.LINE" of the run, 0 if there is none.
 */
#include "report/lctl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "report/json.h"

static const char *const namespace_lines[] = {
	"name",
	"magic",
	"version",
	"status",
	"flags",
	"param",
	"last_completed_time",
	"time_since_last_completed",
	"latest_start_time",
	"time_since_latest_start",
	"last_checkpoint_time",
	"time_since_last_checkpoint",
	"latest_start_position",
	"last_checkpoint_position",
	"first_failure_position",
	"checked_phase1",
	"checked_phase2",
	"inconsistent_phase1",
	"inconsistent_phase2",
	"failed_phase1",
	"failed_phase2",
	"directories",
	"dirent_inconsistent",
	"linkea_inconsistent",
	"nlinks_inconsistent",
	"multiple_linked_checked",
	"multiple_linked_inconsistent",
	"unknown_inconsistency",
	"unmatched_pairs_inconsistent",
	"dangling_inconsistent",
	"multiple_referenced_inconsistent",
	"bad_file_type_inconsistent",
	"lost_dirent_inconsistent",
	"local_lost_found_scanned",
	"local_lost_found_moved",
	"local_lost_found_skipped",
	"local_lost_found_failed",
	"striped_dirs_scanned",
	"striped_dirs_inconsistent",
	"striped_dirs_failed",
	"striped_dirs_disabled",
	"striped_dirs_skipped",
	"striped_shards_scanned",
	"striped_shards_inconsistent",
	"striped_shards_failed",
	"striped_shards_skipped",
	"name_hash_inconsistent",
	"linkea_overflow_inconsistent",
	"agent_entries_inconsistent",
	"success_count",
	"run_time_phase1",
	"run_time_phase2",
	"average_speed_phase1",
	"average_speed_phase2",
	"average_speed_total",
	"real_time_speed_phase1",
	"real_time_speed_phase2",
	"current_position",
	NULL,
};

static const char *const layout_lines[] = {
	"name",
	"magic",
	"version",
	"status",
	"flags",
	"param",
	"last_completed_time",
	"time_since_last_completed",
	"latest_start_time",
	"time_since_latest_start",
	"last_checkpoint_time",
	"time_since_last_checkpoint",
	"latest_start_position",
	"last_checkpoint_position",
	"first_failure_position",
	"success_count",
	"inconsistent_dangling",
	"inconsistent_unmatched_pair",
	"inconsistent_multiple_referenced",
	"inconsistent_orphan",
	"inconsistent_inconsistent_owner",
	"inconsistent_others",
	"skipped",
	"failed_phase1",
	"failed_phase2",
	"checked_phase1",
	"checked_phase2",
	"run_time_phase1",
	"run_time_phase2",
	"average_speed_phase1",
	"average_speed_phase2",
	"real_time_speed_phase1",
	"real_time_speed_phase2",
	"current_position",
	NULL,
};

static const char *const scrub_lines[] = {
	"name",
	"magic",
	"oi_files",
	"status",
	"flags",
	"param",
	"time_since_last_completed",
	"time_since_latest_start",
	"time_since_last_checkpoint",
	"latest_start_position",
	"last_checkpoint_position",
	"first_failure_position",
	"checked",
	"inconsistent",
	"failed",
	"prior_inconsistent",
	"noscrub",
	"igif",
	"success_count",
	"run_time",
	"average_speed",
	"real_time_speed",
	"current_position",
	"lf_scanned",
	"lf_inconsistent",
	"lf_failed",
	NULL,
};

enum parameter { NAMESPACE, LAYOUT, SCRUB };

static const struct {
	const char *key;  /* of the parameter, and of its totals */
	const char *name; /* its first line */
	const char *magic;
	const char *items; /* what its first phase counts */
	const char *const *lines;
} parameters[] = {
	[NAMESPACE] = {"lfsck_namespace", "lfsck_namespace", "0xa06249ff", "items",
		       namespace_lines},
	[LAYOUT] = {"lfsck_layout", "lfsck_layout", "0xb1732fed", "items", layout_lines},
	[SCRUB] = {"oi_scrub", "OI_scrub", "0x4c5fe253", "objects", scrub_lines},
};

struct target {
	char label[16];
	bool mdt;
};

struct writer {
	struct hs_strbuf *out;
	struct hs_run *run;
	bool json;
	int64_t now;
	struct hs_run_info info;
	struct hs_strbuf flags, param;
	uint64_t ns[2]; /* run time of both phases */
	struct target *targets;
	size_t n_targets, room;
	/* of the parameter being written */
	enum parameter which;
	const struct target *target;
	struct hs_json j;
};

static errint_t take_target(const struct hs_run_target *t, void *arg)
{
	struct writer *w = arg;
	struct target *to;

	if (hs_array_grow(&w->targets, &w->room, w->n_targets + 1))
		return -ENOMEM;
	to = &w->targets[w->n_targets++];
	snprintf(to->label, sizeof(to->label), "%s", t->label);
	to->mdt = !strcmp(t->kind, "MDT");
	return 0;
}

static errint_t take_flag(const char *flag, void *arg)
{
	struct writer *w = arg;

	hs_strbuf_printf(&w->flags, "%s%s", w->flags.len ? "," : "", flag);
	return 0;
}

/* LFSCK's second phase is what looks again at objects that the first one noted. */
static errint_t take_phase(const struct hs_run_phase *p, void *arg)
{
	struct writer *w = arg;

	w->ns[!strcmp(p->name, "suspects")] += p->run_ns;
	return 0;
}

static int64_t total(struct writer *w, const char *line)
{
	char key[96];
	int64_t n = 0;

	snprintf(key, sizeof(key), "%s.%s", parameters[w->which].key, line);
	/* what nothing was counted for is not recorded */
	if (hs_run_get_total(w->run, w->target->label, key, &n))
		n = 0;
	return n;
}

static void put_text(struct writer *w, const char *line, const char *text)
{
	if (w->json)
		hs_json_str(&w->j, line, text);
	else
		hs_strbuf_printf(w->out, text[0] ? "%s: %s\n" : "%s:%s\n", line, text);
}

static void put_number(struct writer *w, const char *line, int64_t n, const char *unit)
{
	if (w->json)
		hs_json_int(&w->j, line, n);
	else
		hs_strbuf_printf(w->out, "%s: %" PRId64 "%s\n", line, n, unit);
}

static void put_time(struct writer *w, const char *line, int64_t when)
{
	bool since = !strncmp(line, "time_since", 10);

	if (!when)
		put_text(w, line, "N/A");
	else
		put_number(w, line, since ? w->now - when : when, since ? " seconds" : "");
}

/* A position is an inode number; namespace has a directory and a cookie beside it. */
static void put_position(struct writer *w, const char *line, int64_t ino)
{
	char text[48];

	if (w->which == NAMESPACE && ino)
		snprintf(text, sizeof(text), "%" PRId64 ", N/A, N/A", ino);
	else if (w->which == NAMESPACE)
		snprintf(text, sizeof(text), "N/A, N/A, N/A");
	else if (w->which == SCRUB && !ino)
		snprintf(text, sizeof(text), "N/A");
	else {
		put_number(w, line, ino, "");
		return;
	}
	put_text(w, line, text);
}

static int64_t first_failure(struct writer *w)
{
	struct hs_position pos;

	if (hs_run_get_position(w->run, HS_POSITION_FIRST_INCONSISTENT, w->target->label, &pos))
		return 0;
	return (int64_t)pos.done;
}

/* A phase that took less than a second counts as one that took one, as LFSCK has it. */
static void put_speed(struct writer *w, const char *line, int64_t items, uint64_t ns,
		      const char *unit)
{
	int64_t seconds = (int64_t)(ns / 1000000000);

	put_number(w, line, items / (seconds ? seconds : 1), unit);
}

static bool put_times(struct writer *w, const char *line)
{
	const char *items = w->which == SCRUB ? " objects/sec" : " items/sec";

	if (strstr(line, "last_completed"))
		put_time(w, line,
			 w->info.status == HS_RUN_COMPLETED || w->info.status == HS_RUN_PARTIAL
				 ? w->info.finished
				 : 0);
	else if (!strcmp(line, "latest_start_time") || !strcmp(line, "time_since_latest_start"))
		put_time(w, line, w->info.started);
	else if (!strcmp(line, "last_checkpoint_time") ||
		 !strcmp(line, "time_since_last_checkpoint"))
		put_time(w, line, w->info.updated);
	else if (!strcmp(line, "run_time"))
		put_number(w, line, (int64_t)((w->ns[0] + w->ns[1]) / 1000000000), " seconds");
	else if (!strncmp(line, "run_time_phase", 14))
		put_number(w, line, (int64_t)(w->ns[line[14] == '2'] / 1000000000), " seconds");
	else if (!strcmp(line, "average_speed"))
		put_speed(w, line, total(w, "checked"), w->ns[0] + w->ns[1], items);
	else if (!strcmp(line, "average_speed_phase1"))
		put_speed(w, line, total(w, "checked_phase1"), w->ns[0], items);
	else if (!strcmp(line, "average_speed_phase2"))
		put_speed(w, line, total(w, "checked_phase2"), w->ns[1], " objs/sec");
	else if (!strcmp(line, "average_speed_total"))
		put_speed(w, line, total(w, "checked_phase1") + total(w, "checked_phase2"),
			  w->ns[0] + w->ns[1], items);
	else
		return false;
	return true;
}

/* "failout,dryrun,all_targets"; the scrub of one target knows nothing of the others. */
static void put_param(struct writer *w, const char *line)
{
	char text[64];
	char *all;

	snprintf(text, sizeof(text), "%s", hs_strbuf_str(&w->param));
	all = strstr(text, ",all_targets");
	if (all && w->which == SCRUB)
		*all = '\0';
	put_text(w, line, text);
}

static void put_line(struct writer *w, const char *line)
{
	if (put_times(w, line))
		return;
	if (!strcmp(line, "name"))
		put_text(w, line, parameters[w->which].name);
	else if (!strcmp(line, "magic"))
		put_text(w, line, parameters[w->which].magic);
	else if (!strcmp(line, "version"))
		put_number(w, line, 2, "");
	else if (!strcmp(line, "status"))
		put_text(w, line, hs_run_status_name(w->info.status));
	else if (!strcmp(line, "flags"))
		put_text(w, line, hs_strbuf_str(&w->flags));
	else if (!strcmp(line, "param"))
		put_param(w, line);
	else if (!strcmp(line, "latest_start_position"))
		put_position(w, line, 1);
	else if (!strcmp(line, "last_checkpoint_position"))
		put_position(w, line, total(w, line));
	else if (!strcmp(line, "first_failure_position"))
		put_position(w, line, first_failure(w));
	else if (!strncmp(line, "real_time_speed", 15) || !strcmp(line, "current_position"))
		put_text(w, line, "N/A");
	else if (!strcmp(line, "success_count"))
		put_number(w, line, w->info.status == HS_RUN_COMPLETED, "");
	else
		put_number(w, line, total(w, line), "");
}

static void put_parameter(struct writer *w, enum parameter which, const struct target *t,
			  const char *prefix)
{
	w->which = which;
	w->target = t;
	if (w->json) {
		w->j = hs_json_to(w->out);
		hs_json_object(&w->j, NULL);
		hs_json_str(&w->j, "type", "lfsck");
		hs_json_printf(&w->j, "parameter", "%s.%s-%s.%s", prefix, w->info.fsname, t->label,
			       parameters[which].key);
	} else {
		hs_strbuf_printf(w->out, "%s.%s-%s.%s=\n", prefix, w->info.fsname, t->label,
				 parameters[which].key);
	}
	for (const char *const *line = parameters[which].lines; *line; line++)
		put_line(w, *line);
	if (w->json) {
		hs_json_end_object(&w->j);
		hs_json_done(&w->j);
	}
}

/* As a server with all targets sorts them: by parameter, then MDTs before OSTs. */
static void put_all(struct writer *w)
{
	static const struct {
		enum parameter which;
		bool mdt;
		const char *prefix;
	} order[] = {
		{NAMESPACE, true, "mdd"},      {LAYOUT, true, "mdd"},
		{LAYOUT, false, "obdfilter"},  {SCRUB, true, "osd-ldiskfs"},
		{SCRUB, false, "osd-ldiskfs"},
	};

	for (size_t o = 0; o < sizeof(order) / sizeof(order[0]); o++) {
		for (size_t i = 0; i < w->n_targets; i++) {
			if (w->targets[i].mdt == order[o].mdt)
				put_parameter(w, order[o].which, &w->targets[i], order[o].prefix);
		}
	}
}

errint_t hs_report_lctl(struct hs_strbuf *out, struct hs_run *run, bool json, int64_t now)
{
	struct writer w = {.out = out, .run = run, .json = json, .now = now};
	errint_t err = hs_run_read_info(run, &w.info);

	if (!err)
		err = hs_run_each_target(run, take_target, &w);
	if (!err)
		err = hs_run_each_flag(run, take_flag, &w);
	if (!err)
		err = hs_run_each_phase(run, take_phase, &w);
	if (!err && hs_run_get_option(run, "param", &w.param) == -ENOENT)
		hs_strbuf_puts(&w.param, "dryrun");
	if (!err)
		put_all(&w);
	hs_run_info_free(&w.info);
	hs_strbuf_free(&w.flags);
	hs_strbuf_free(&w.param);
	free(w.targets);
	return err ? err : hs_strbuf_error(out);
}
