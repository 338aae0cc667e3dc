/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the preamble's tables: names in the backend root, O/, PENDING, lost+found, OI files,
 * FLD, allocation files (equations, section 3; format notes 6-8, 12-14).
 *
 * Whatever cannot be read becomes a mark; only a backend root that cannot be read at all ends it.
 */
#include "lfsck/preamble.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "lfsck/index.h"
#include "lustre/objname.h"
#include "lustre/pendname.h"

#define BACKEND_ROOT 2
#define TABLE_LIMIT  (1u << 20) /* of a small file that is read whole */

uint8_t *hs_preamble_raw(const struct hs_target *t)
{
	return malloc(hs_fs_geo(t->fs)->inode_size);
}

static void mark(struct hs_target *t, enum hs_mark_code code, uint32_t ino, uint64_t a, uint64_t b)
{
	struct hs_prov prov = {t->pos, ino, 0};

	hs_mark_add(&t->marks, code, (struct hs_fid){0}, &prov, a, b, NULL, 0);
}

uint32_t hs_preamble_lookup(const struct hs_target *t, const char *const *names, size_t n,
			    struct hs_inode *inode, uint8_t *raw)
{
	uint8_t room[512];
	struct hs_dirent e;

	if (hs_inode_read(t->fs, BACKEND_ROOT, raw, inode))
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (!hs_inode_is_dir(inode) ||
		    hs_dir_lookup(t->fs, inode, names[i], strlen(names[i]), &e, room) != 1)
			return 0;
		if (hs_inode_read(t->fs, e.ino, raw, inode))
			return 0;
	}
	return inode->ino;
}

errint_t hs_preamble_slurp(const struct hs_target *t, const struct hs_inode *inode, size_t limit,
			   uint8_t **out, size_t *len)
{
	size_t want = inode->size < limit ? (size_t)inode->size : limit;
	hs_autofree uint8_t *buf = malloc(want ? want : 1);
	errint_t err;

	*out = NULL;
	*len = 0;
	if (!buf)
		return -ENOMEM;
	err = hs_file_pread(t->fs, inode, buf, want, 0, len);
	if (!err)
		*out = hs_take(buf);
	return err;
}

/* A file of the backend root, whole. 1 read, 0 absent or unreadable (then marked), -ENOMEM. */
static int slurp_named(struct hs_target *t, const char *const *names, size_t n, uint8_t **buf,
		       size_t *len)
{
	hs_autofree uint8_t *raw = hs_preamble_raw(t);
	struct hs_inode inode;
	errint_t err;

	if (!raw)
		return -ENOMEM;
	*buf = NULL;
	if (!hs_preamble_lookup(t, names, n, &inode, raw) || !hs_inode_is_reg(&inode))
		return 0;
	err = hs_preamble_slurp(t, &inode, TABLE_LIMIT, buf, len);
	if (err == -ENOMEM)
		return err;
	if (err)
		mark(t, HS_M_TABLE_UNREAD, inode.ino, 0, 0);
	return err ? 0 : 1;
}

#define PATH(...)                                                                                  \
	(const char *const[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)

errint_t hs_preamble_read_identity(struct hs_target *t, struct hs_strbuf *why)
{
	uint8_t *buf;
	size_t len;
	int got;

	(void)why;
	got = slurp_named(t, PATH("CONFIGS", "mountdata"), &buf, &len);
	if (got < 0)
		return got;
	if (got)
		t->has_mountdata = hs_mountdata_decode(buf, len, &t->mountdata);
	free(buf);
	got = slurp_named(t, PATH("last_rcvd"), &buf, &len);
	if (got < 0)
		return got;
	if (got)
		t->has_last_rcvd = hs_last_rcvd_decode(buf, len, &t->last_rcvd);
	free(buf);
	return 0;
}

static errint_t add_internal(struct hs_target *t, uint32_t ino)
{
	errint_t err = hs_array_grow(&t->internal, &t->internal_room, t->n_internal + 1);

	if (!err)
		t->internal[t->n_internal++] = ino;
	return err;
}

static int cmp_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void sort_internal(struct hs_target *t)
{
	size_t n = 0;

	if (!t->n_internal)
		return;
	qsort(t->internal, t->n_internal, sizeof(*t->internal), cmp_u32);
	for (size_t i = 0; i < t->n_internal; i++) {
		if (!n || t->internal[n - 1] != t->internal[i])
			t->internal[n++] = t->internal[i];
	}
	t->n_internal = n;
}

/* What every visitor below begins with: the target and the directory at hand. */
struct visit {
	struct hs_target *t;
	uint32_t ino;
};

/* Walking the backend root and the internal directories below it. */
struct walk {
	struct visit at;
	uint32_t *dirs; /* still to be read */
	size_t n_dirs, room;
	bool at_root;
};

static bool is_dot(const struct hs_dirent *e)
{
	return e->name[0] == '.' && (e->name_len == 1 || (e->name_len == 2 && e->name[1] == '.'));
}

static bool name_is(const struct hs_dirent *e, const char *name)
{
	return e->name_len == strlen(name) && !memcmp(e->name, name, e->name_len);
}

/* "oi.16.N" in decimal, or the single "oi.16" of ancient targets. */
static bool parse_oi_name(const struct hs_dirent *e, uint32_t *n)
{
	static const char prefix[] = "oi.16";
	size_t len = sizeof(prefix) - 1;

	if (e->name_len < len || memcmp(e->name, prefix, len))
		return false;
	*n = 0;
	if (e->name_len == len)
		return true;
	if (e->name[len] != '.' || e->name_len == len + 1 || e->name_len > len + 5)
		return false;
	for (size_t i = len + 1; i < e->name_len; i++) {
		if (e->name[i] < '0' || e->name[i] > '9')
			return false;
		*n = *n * 10 + (uint32_t)(e->name[i] - '0');
	}
	return *n < HS_OI_FILES_MAX;
}

static int walk_entry(void *arg, void *dir, const struct hs_dirent *e)
{
	struct walk *w = arg;
	struct hs_target *t = w->at.t;
	errint_t err;
	bool is_dir = e->type == 2, descend = is_dir;
	uint32_t n;

	(void)dir;
	if (is_dot(e) || !e->ino)
		return 0;
	if (w->at_root) {
		if (name_is(e, "ROOT")) {
			t->root_ino = e->ino; /* the name space: not internal */
			return 0;
		}
		if (name_is(e, "REMOTE_PARENT_DIR"))
			t->rpd_ino = e->ino, descend = false;
		else if (name_is(e, "PENDING"))
			t->pending_ino = e->ino, descend = false;
		else if (name_is(e, "O"))
			t->o_ino = e->ino, descend = false;
		else if (name_is(e, "lost+found"))
			t->lost_found_ino = e->ino, descend = false;
		else if (parse_oi_name(e, &n) && !t->oi_ino[n]) {
			t->oi_ino[n] = e->ino;
			t->oi_found++;
			if (n + 1 > t->oi_files)
				t->oi_files = n + 1;
		}
	}
	err = add_internal(t, e->ino);
	if (!err && descend) {
		err = hs_array_grow(&w->dirs, &w->room, w->n_dirs + 1);
		if (!err)
			w->dirs[w->n_dirs++] = e->ino;
	}
	return err;
}

static int visit_end(void *arg, void *dir, const struct hs_dir_end *end)
{
	struct visit *at = arg;

	(void)dir;
	if (end->flaws & ~(unsigned)(HS_DIRF_INDEX | HS_DIRF_UNSEARCHED))
		mark(at->t, HS_M_TABLE_UNREAD, at->ino, end->flaws, end->bad_block);
	return 0;
}

/* Reads a directory by inode number; what cannot be read is marked. -ENOMEM only. */
static errint_t read_dir(struct visit *at, uint32_t ino, uint8_t *raw,
			 int (*entry)(void *, void *, const struct hs_dirent *))
{
	const struct hs_dir_visitor v = {.entry = entry, .end = visit_end};
	struct hs_target *t = at->t;
	struct hs_inode inode;
	int rc;

	at->ino = ino;
	if (hs_inode_read(t->fs, ino, raw, &inode) || !hs_inode_is_dir(&inode)) {
		mark(t, HS_M_TABLE_UNREAD, ino, 0, 0);
		return 0;
	}
	rc = hs_dir_read(t->fs, &inode, &v, at);
	if (rc < 0 && rc != -ENOMEM) {
		mark(t, HS_M_TABLE_UNREAD, ino, 0, 0);
		rc = 0;
	}
	return rc;
}

static errint_t read_internal(struct hs_target *t, struct hs_strbuf *why)
{
	hs_autofree uint8_t *raw = hs_preamble_raw(t);
	struct walk w = {.at = {t, BACKEND_ROOT}, .at_root = true};
	const struct hs_dir_visitor v = {.entry = walk_entry, .end = visit_end};
	struct hs_inode inode;
	errint_t err;

	if (!raw)
		return -ENOMEM;
	err = hs_inode_read(t->fs, BACKEND_ROOT, raw, &inode);
	if (err || !hs_inode_is_dir(&inode)) {
		hs_strbuf_printf(why, "%s: the backend root directory (inode 2) cannot be read",
				 t->device);
		return -EINVAL;
	}
	err = add_internal(t, BACKEND_ROOT);
	if (!err)
		err = hs_dir_read(t->fs, &inode, &v, &w);
	w.at_root = false;
	while (!err && w.n_dirs) {
		uint32_t ino = w.dirs[--w.n_dirs];

		/* a directory that is already internal was read: no cycle gets round twice */
		err = read_dir(&w.at, ino, raw, walk_entry);
		if (t->n_internal > hs_fs_geo(t->fs)->inodes) {
			mark(t, HS_M_TABLE_UNREAD, ino, 0, 0);
			break;
		}
	}
	free(w.dirs);
	sort_internal(t);
	return err;
}

/* O/ and O/<seq>. */
struct oread {
	struct visit at;
	struct hs_oseq *seq;
};

static int oseq_entry(void *arg, void *dir, const struct hs_dirent *e)
{
	struct oread *r = arg;
	struct hs_target *t = r->at.t;
	uint64_t seq;
	errint_t err;

	(void)dir;
	if (is_dot(e) || !e->ino)
		return 0;
	err = add_internal(t, e->ino);
	if (err || e->type != 2 || !hs_objname_parse_seq((const char *)e->name, e->name_len, &seq))
		return err;
	err = hs_array_grow(&t->oseqs, &t->oseqs_room, t->n_oseqs + 1);
	if (!err)
		t->oseqs[t->n_oseqs++] =
			(struct hs_oseq){.seq = seq, .ino = e->ino, .state = HS_LASTID_NONE};
	return err;
}

static int odir_entry(void *arg, void *dir, const struct hs_dirent *e)
{
	struct oread *r = arg;
	struct hs_target *t = r->at.t;
	uint32_t n;
	errint_t err;

	(void)dir;
	if (is_dot(e) || !e->ino)
		return 0;
	if (name_is(e, "LAST_ID")) {
		r->seq->lastid_ino = e->ino;
		return 0;
	}
	if (e->type != 2 ||
	    !hs_objname_parse_subdir((const char *)e->name, e->name_len, t->subdirs, &n))
		return 0;
	err = add_internal(t, e->ino);
	if (!err)
		err = hs_array_grow(&t->odirs, &t->odirs_room, t->n_odirs + 1);
	if (err)
		return err;
	t->odirs[t->n_odirs++] = (struct hs_odir){r->seq->seq, n, e->ino};
	r->seq->n_dirs++;
	return 0;
}

static errint_t read_last_id(struct hs_target *t, struct hs_oseq *s, uint8_t *raw)
{
	struct hs_inode inode;
	uint8_t b[8];
	size_t got;
	errint_t err;

	if (!s->lastid_ino)
		return 0;
	err = hs_inode_read(t->fs, s->lastid_ino, raw, &inode);
	if (!err)
		err = hs_file_pread(t->fs, &inode, b, sizeof(b), 0, &got);
	if (err) {
		mark(t, HS_M_TABLE_UNREAD, s->lastid_ino, 0, 0);
		s->state = HS_LASTID_SHORT;
		return 0;
	}
	s->state = got == 8 ? HS_LASTID_OK : got ? HS_LASTID_SHORT : HS_LASTID_EMPTY;
	if (got == 8)
		s->last_id = hs_get_le64(b);
	return 0;
}

static int cmp_oseq(const void *a, const void *b)
{
	const struct hs_oseq *x = a, *y = b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

static errint_t read_objects(struct hs_target *t)
{
	hs_autofree uint8_t *raw = hs_preamble_raw(t);
	struct oread r = {.at = {t, 0}};
	errint_t err;

	if (!raw)
		return -ENOMEM;
	if (!t->o_ino)
		return 0;
	err = read_dir(&r.at, t->o_ino, raw, oseq_entry);
	if (t->n_oseqs)
		qsort(t->oseqs, t->n_oseqs, sizeof(*t->oseqs), cmp_oseq);
	for (size_t i = 0; !err && i < t->n_oseqs; i++) {
		r.seq = &t->oseqs[i];
		err = read_dir(&r.at, r.seq->ino, raw, odir_entry);
		if (!err)
			err = read_last_id(t, r.seq, raw);
	}
	sort_internal(t);
	return err;
}

/* PENDING and lost+found. */
struct named {
	struct visit at;
	struct hs_named_ino **v;
	size_t *n, *room;
};

static int named_entry(void *arg, void *dir, const struct hs_dirent *e)
{
	struct named *r = arg;
	struct hs_named_ino *item;
	errint_t err;

	(void)dir;
	if (is_dot(e) || !e->ino)
		return 0;
	err = hs_array_grow(r->v, r->room, *r->n + 1);
	if (err)
		return err;
	item = &(*r->v)[(*r->n)++];
	*item = (struct hs_named_ino){.ino = e->ino, .type = e->type};
	item->name_is_fid = hs_pendname_parse((const char *)e->name, e->name_len, &item->fid);
	return 0;
}

static int cmp_named(const void *a, const void *b)
{
	return cmp_u32(&((const struct hs_named_ino *)a)->ino,
		       &((const struct hs_named_ino *)b)->ino);
}

static errint_t read_named(struct hs_target *t, uint32_t ino, struct hs_named_ino **v, size_t *n,
			   size_t *room)
{
	hs_autofree uint8_t *raw = hs_preamble_raw(t);
	struct named r = {{t, ino}, v, n, room};
	errint_t err;

	if (!raw)
		return -ENOMEM;
	if (!ino)
		return 0;
	err = read_dir(&r.at, ino, raw, named_entry);
	if (*n)
		qsort(*v, *n, sizeof(**v), cmp_named);
	return err;
}

/*
 * N, the number of OI files that FIDs are spread over. OI_scrub knows it (v2); else it is the next
 * power of two above the highest file.
 */
static void settle_oi_files(struct hs_target *t)
{
	uint32_t n = 1;

	if (!t->oi_found) {
		t->oi_files = 0;
		mark(t, HS_M_OI_COUNT, 0, 0, 0);
		return;
	}
	while (n < t->oi_files)
		n *= 2;
	if (t->has_oi_scrub && t->oi_scrub.oi_count >= n &&
	    t->oi_scrub.oi_count <= HS_OI_FILES_MAX &&
	    !(t->oi_scrub.oi_count & (t->oi_scrub.oi_count - 1)))
		n = t->oi_scrub.oi_count;
	t->oi_files = n;
	if (t->oi_found & (t->oi_found - 1))
		mark(t, HS_M_OI_COUNT, 0, t->oi_found, n);
	for (uint32_t i = 0; i < n; i++) {
		if (!t->oi_ino[i])
			mark(t, HS_M_OI_LOST, 0, i, n);
	}
}

static errint_t read_oi_scrub(struct hs_target *t)
{
	uint8_t *buf;
	size_t len;
	int got = slurp_named(t, PATH("OI_scrub"), &buf, &len);

	if (got < 0)
		return got;
	if (got) {
		t->has_oi_scrub = hs_oiscrub_decode(buf, len, &t->oi_scrub);
		if (t->has_oi_scrub &&
		    memcmp(t->oi_scrub.uuid, hs_fs_geo(t->fs)->uuid, sizeof(t->oi_scrub.uuid)))
			mark(t, HS_M_OI_UUID, 0, 0, 0);
	}
	free(buf);
	settle_oi_files(t);
	return 0;
}

static errint_t fld_record(void *arg, const struct hs_index_place *place, const uint8_t *key,
			   const uint8_t *rec)
{
	struct hs_target *t = arg;
	struct hs_seq_range range;
	bool conflict = false;
	errint_t err;

	(void)key;
	if (!hs_fld_decode(rec, HS_FLD_REC_SIZE, &range)) {
		mark(t, HS_M_FLD_DAMAGED, place->ino, place->block, 0);
		return 0;
	}
	err = hs_fld_add(&t->fld, &range, &conflict);
	if (conflict)
		mark(t, HS_M_FLD_CONFLICT, place->ino, range.start, range.end);
	return err;
}

static errint_t read_fld(struct hs_target *t)
{
	hs_autofree uint8_t *raw = hs_preamble_raw(t);
	struct hs_inode inode;
	unsigned flaws = 0;
	errint_t err;

	if (!raw)
		return -ENOMEM;
	if (!hs_preamble_lookup(t, PATH("fld"), &inode, raw))
		return 0;
	err = hs_index_walk(t->fs, &inode, HS_FLD_KEY_SIZE, HS_FLD_REC_SIZE, fld_record, t, &flaws);
	if (flaws || (err && err != -ENOMEM))
		mark(t, HS_M_FLD_DAMAGED, inode.ino, flaws, 0);
	return err == -ENOMEM ? err : 0;
}

static errint_t read_u64s(struct hs_target *t, const char *name, uint64_t **v, size_t *n)
{
	uint8_t *buf;
	size_t len;
	int got = slurp_named(t, PATH(name), &buf, &len);

	if (got <= 0)
		return got;
	*n = len / 8;
	*v = malloc(*n ? *n * 8 : 1);
	if (!*v) {
		free(buf);
		return -ENOMEM;
	}
	for (size_t i = 0; i < *n; i++)
		(*v)[i] = hs_get_le64(buf + 8 * i);
	free(buf);
	return 0;
}

static errint_t read_allocation(struct hs_target *t)
{
	uint8_t *buf;
	size_t len;
	errint_t err;
	int got = slurp_named(t, PATH("seq_srv"), &buf, &len);

	if (got < 0)
		return got;
	if (got)
		t->has_seq_srv = hs_seq_file_decode(buf, len, &t->seq_srv);
	free(buf);
	err = read_u64s(t, "lov_objid", &t->lov_objid, &t->n_lov_objid);
	if (!err)
		err = read_u64s(t, "lov_objseq", &t->lov_objseq, &t->n_lov_objseq);
	return err;
}

errint_t hs_preamble_read(struct hs_target *t, struct hs_strbuf *why)
{
	errint_t err = read_internal(t, why);

	if (!err)
		err = read_objects(t);
	if (!err)
		err = read_named(t, t->pending_ino, &t->pending, &t->n_pending, &t->pending_room);
	if (!err)
		err = read_named(t, t->lost_found_ino, &t->lost_found, &t->n_lost_found,
				 &t->lost_found_room);
	if (!err)
		err = read_oi_scrub(t);
	if (!err)
		err = read_fld(t);
	if (!err)
		err = read_allocation(t);
	if (!err)
		err = hs_oplog_read(t);
	return err;
}
