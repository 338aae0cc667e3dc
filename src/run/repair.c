/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/repair.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "run/internal.h"

static const char *const state_names[HS_ITEM_STATE_MAX] = {
	"planned",
	"done",
	"skipped",
	"failed",
};

const char *hs_item_state_name(enum hs_item_state s)
{
	return s < HS_ITEM_STATE_MAX ? state_names[s] : "planned";
}

static errint_t add_step(struct hs_db *db, enum hs_sql sql, int64_t item, size_t ord,
			 const struct hs_run_step *s)
{
	return hs_db_write(db, sql, "iissiiBB", item, (int64_t)ord, s->kind, s->target, s->ino,
			   s->made, s->name, s->name_len, s->value, s->value_len);
}

errint_t hs_run_add_item(struct hs_run *run, const struct hs_run_item *item)
{
	HS_RUN_LOCKED(run);
	struct hs_db *db = &run->db;
	errint_t err = hs_db_write(db, HS_SQL_ITEM_NEW, "iiis", item->id, item->finding,
				   item->phase, item->gate);

	for (size_t i = 0; !err && i < item->n_needs; i++)
		err = hs_db_write(db, HS_SQL_NEED_NEW, "ii", item->id, item->needs[i]);
	for (size_t i = 0; !err && i < item->n_expects; i++)
		err = add_step(db, HS_SQL_EXPECT_NEW, item->id, i, &item->expects[i]);
	for (size_t i = 0; !err && i < item->n_edits; i++)
		err = add_step(db, HS_SQL_EDIT_NEW, item->id, i, &item->edits[i]);
	return err;
}

errint_t hs_run_add_edit(struct hs_run *run, int64_t item, size_t ord,
			 const struct hs_run_step *edit)
{
	HS_RUN_LOCKED(run);
	return add_step(&run->db, HS_SQL_EDIT_NEW, item, ord, edit);
}

errint_t hs_run_trim_items(struct hs_run *run)
{
	HS_RUN_LOCKED(run);
	errint_t err = hs_db_write(&run->db, HS_SQL_EXPECT_TRIM, "");

	if (!err)
		err = hs_db_write(&run->db, HS_SQL_NEED_TRIM, "");
	return err ? err : hs_db_write(&run->db, HS_SQL_ITEM_TRIM, "");
}

errint_t hs_run_set_item_state(struct hs_run *run, int64_t id, enum hs_item_state state,
			       const char *reason)
{
	HS_RUN_LOCKED(run);
	return hs_db_write(&run->db, HS_SQL_ITEM_STATE, "iss", id, hs_item_state_name(state),
			   reason);
}

/* The lists of one item; the strings belong to `texts`. */
struct lists {
	struct hs_finding texts; /* only for its memory */
	int64_t *needs;
	size_t needs_room;
	struct hs_run_step *expects, *edits;
	size_t expects_room, edits_room;
};

static void free_lists(struct lists *l)
{
	hs_finding_free(&l->texts);
	free(l->needs);
	free(l->expects);
	free(l->edits);
}

static const void *keep_blob(struct lists *l, sqlite3_stmt *stmt, int column, size_t *len)
{
	*len = (size_t)sqlite3_column_bytes(stmt, column);
	return hs_finding_copy(&l->texts, sqlite3_column_blob(stmt, column), *len);
}

static const char *keep_text(struct lists *l, sqlite3_stmt *stmt, int column)
{
	const char *s = hs_db_word(stmt, column);

	return hs_finding_copy(&l->texts, s, strlen(s));
}

static errint_t read_needs(struct hs_db *db, struct lists *l, struct hs_run_item *item)
{
	sqlite3_stmt *stmt = hs_db_bind(db, HS_SQL_NEED_EACH, "i", item->id);
	int more;

	if (!stmt)
		return -EIO;
	while ((more = hs_db_row(stmt)) > 0) {
		if (hs_array_grow(&l->needs, &l->needs_room, item->n_needs + 1)) {
			hs_db_done(stmt);
			return -ENOMEM;
		}
		l->needs[item->n_needs++] = sqlite3_column_int64(stmt, 0);
	}
	item->needs = l->needs;
	return more;
}

static errint_t read_steps(struct hs_db *db, enum hs_sql sql, int64_t id, struct lists *l,
			   struct hs_run_step **v, size_t *room, size_t *n)
{
	sqlite3_stmt *stmt = hs_db_bind(db, sql, "i", id);
	int more;

	*n = 0;
	if (!stmt)
		return -EIO;
	while ((more = hs_db_row(stmt)) > 0) {
		struct hs_run_step *s;

		if (hs_array_grow(v, room, *n + 1)) {
			hs_db_done(stmt);
			return -ENOMEM;
		}
		s = &(*v)[(*n)++];
		s->kind = keep_text(l, stmt, 0);
		s->target = keep_text(l, stmt, 1);
		s->ino = sqlite3_column_int64(stmt, 2);
		s->made = sqlite3_column_int64(stmt, 3);
		s->name = keep_blob(l, stmt, 4, &s->name_len);
		s->value = keep_blob(l, stmt, 5, &s->value_len);
	}
	return more;
}

static enum hs_item_state state_of(const char *word)
{
	enum hs_item_state s = HS_ITEM_PLANNED;

	while (s < HS_ITEM_STATE_MAX && strcmp(word, state_names[s]))
		s++;
	return s < HS_ITEM_STATE_MAX ? s : HS_ITEM_FAILED;
}

static errint_t read_item(struct hs_db *db, sqlite3_stmt *stmt, struct lists *l,
			  struct hs_run_item_read *out)
{
	struct hs_run_item *item = &out->item;
	errint_t err;

	*out = (struct hs_run_item_read){
		.item =
			{
				.id = sqlite3_column_int64(stmt, 0),
				.finding = sqlite3_column_int64(stmt, 1),
				.phase = sqlite3_column_int64(stmt, 2),
				.gate = hs_db_text(stmt, 3),
			},
		.state = state_of(hs_db_word(stmt, 4)),
		.reason = hs_db_text(stmt, 5),
		.rule = hs_db_text(stmt, 6),
		.target = hs_db_text(stmt, 7),
		.object = hs_db_text(stmt, 8),
		.path = hs_db_text(stmt, 9),
		.path_len = (size_t)sqlite3_column_bytes(stmt, 9),
		.message = hs_db_text(stmt, 10),
		.repair = hs_db_text(stmt, 11),
	};
	err = read_needs(db, l, item);
	if (!err)
		err = read_steps(db, HS_SQL_EXPECT_EACH, item->id, l, &l->expects, &l->expects_room,
				 &item->n_expects);
	if (!err)
		err = read_steps(db, HS_SQL_EDIT_EACH, item->id, l, &l->edits, &l->edits_room,
				 &item->n_edits);
	item->expects = l->expects;
	item->edits = l->edits;
	return err ? err : l->texts.err;
}

errint_t hs_run_each_item(struct hs_run *run,
			  errint_t (*fn)(const struct hs_run_item_read *, void *), void *arg)
{
	HS_RUN_LOCKED(run);
	sqlite3_stmt *stmt = hs_db_bind(&run->db, HS_SQL_ITEM_EACH, "");
	errint_t err = 0;
	int more = 0;

	if (!stmt)
		return -EIO;
	while (!err && (more = hs_db_row(stmt)) > 0) {
		hs_cleanup(free_lists) struct lists l = {.texts = HS_FINDING_INIT};
		struct hs_run_item_read item;

		err = read_item(&run->db, stmt, &l, &item);
		if (!err)
			err = fn(&item, arg);
	}
	if (err)
		hs_db_done(stmt);
	return err ? err : more;
}
