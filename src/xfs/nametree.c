/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/nametree.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "xfs/chunk.h"
#include "xfs/describe.h"
#include "xfs/report.h"

#define DIRENTS_BUF 32768
#define XATTRS_BUF  4096

/* Without Unicode, xfs_scrub stops telling here. */
#define BYTE_REPORTS_MAX 10000

/* An answer that never ends is none. */
#define CALLS_MAX 1000000

/* What reports of a worker are about at the moment. */
struct about {
	struct hs_xfs_nametree *tree;
	uint64_t ino;
	uint32_t gen;
	bool by_name; /* listed through a directory: only the inode number is known */
};

struct worker {
	struct about about;
	struct hs_names_domain *entries;
	struct hs_names_domain *attrs;
	uint8_t *dirents;
	char *xattrs;
};

struct told {
	uint64_t ino, hash;
};

struct hs_xfs_nametree {
	struct hs_xfs_scan *scan;
	struct hs_names *names;
	bool through_dirs; /* attributes are listed with the directory */
	unsigned n_workers;
	struct worker *workers;
	_Atomic uint64_t reports;

	/* attributes of files with several links, told already */
	pthread_mutex_t lock;
	struct told *told;
	size_t n_told, told_room;
};

/* ---- what names/ says ---- */

static uint64_t hash_report(const struct hs_name_report *r)
{
	uint64_t h = 0xcbf29ce484222325 ^ (uint64_t)r->class;

	for (size_t i = 0; i < r->len; i++)
		h = (h ^ r->name[i]) * 0x100000001b3;
	return h;
}

static bool told_before(struct hs_xfs_nametree *t, uint64_t ino, uint64_t hash)
{
	bool before = false;

	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; !before && i < t->n_told; i++)
		before = t->told[i].ino == ino && t->told[i].hash == hash;
	if (!before && hs_array_grow(&t->told, &t->told_room, t->n_told + 1) == 0)
		t->told[t->n_told++] = (struct told){ino, hash};
	pthread_mutex_unlock(&t->lock);
	return before;
}

bool hs_xfs_is_trusted(const struct hs_xfs_bstat *st)
{
	return st->uid == 0 && st->gid == 0 && !(st->mode & S_IWOTH);
}

/* Whether a report about a file that is known by name only is to be told. */
static bool complete_by_name(struct about *a, const struct hs_name_report *r)
{
	struct hs_xfs_scan *scan = a->tree->scan;
	struct hs_xfs_bstat st;

	if (hs_xfs_inode_load(&scan->fs, a->ino, &st))
		return false; /* gone */
	a->gen = st.gen;
	if (r->level == HS_NAME_INFO && r->class != HS_NAME_INVALID_UTF8 &&
	    r->class != HS_NAME_NOT_SEARCHED && !scan->opt->verbose && hs_xfs_is_trusted(&st))
		return false;
	return st.nlink <= 1 || !told_before(a->tree, a->ino, hash_report(r));
}

static void record(struct hs_xfs_scan *scan, const struct about *a, const struct hs_name_report *r,
		   const char *text)
{
	struct hs_xfs_object obj = {.scope = HS_XFS_SCOPE_INODE, .id = a->ino, .gen = a->gen};
	struct hs_finding f = HS_FINDING_INIT;
	size_t len = strlen(text);

	if (!scan->run)
		return;
	f.rule = hs_finding_text(&f, "XFS-NAME-%s", hs_name_class_id(r->class));
	f.severity = r->level == HS_NAME_INFO ? HS_SEV_NOTE : HS_SEV_WARNING;
	f.state = HS_STATE_FOUND;
	if (a->ino) {
		hs_xfs_finding_about(scan, &obj, &f);
	} else {
		f.target = scan->fs.shown;
		f.object = "label";
		f.no_path = "a label has none";
	}
	f.message = hs_finding_copy(&f, text, len && text[len - 1] == '.' ? len - 1 : len);
	hs_xfs_add_finding(scan, &f);
}

static bool silenced(struct hs_xfs_nametree *t)
{
	struct hs_xfs_scan *scan = t->scan;
	uint64_t n = atomic_fetch_add(&t->reports, 1);

	if (scan->opt->verbose || scan->opt->utf8_names || n < BYTE_REPORTS_MAX)
		return false;
	if (n == BYTE_REPORTS_MAX)
		hs_xfs_say(scan, HS_XFS_INFO, scan->fs.shown,
			   "More than %d naming warnings, shutting up.", BYTE_REPORTS_MAX);
	return true;
}

static void take_report(const struct hs_name_report *r, void *ctx)
{
	struct about *a = ctx;
	struct hs_xfs_scan *scan = a->tree->scan;
	struct hs_strbuf object = HS_STRBUF_INIT, text = HS_STRBUF_INIT;
	struct hs_xfs_object obj;

	if (a->by_name && !complete_by_name(a, r))
		return;
	if (silenced(a->tree))
		return;
	obj = (struct hs_xfs_object){.scope = HS_XFS_SCOPE_INODE, .id = a->ino, .gen = a->gen};
	if (a->ino)
		hs_xfs_describe_object(&scan->fs, &obj, &object);
	else
		hs_strbuf_puts(&object, scan->fs.shown);
	hs_name_report_render(r, &text);
	hs_xfs_say(scan, r->level == HS_NAME_INFO ? HS_XFS_INFO : HS_XFS_WARNING,
		   hs_strbuf_str(&object), "%s", hs_strbuf_str(&text));
	record(scan, a, r, hs_strbuf_str(&text));
	hs_strbuf_free(&object);
	hs_strbuf_free(&text);
}

/* ---- decoding ---- */

size_t hs_xfs_decode_dirent(const uint8_t *buf, size_t len, struct hs_xfs_dirent *out)
{
	const size_t head = offsetof(struct dirent64, d_name);
	uint16_t reclen;

	if (len <= head)
		return 0;
	memcpy(&reclen, buf + offsetof(struct dirent64, d_reclen), sizeof(reclen));
	if (reclen <= head || reclen > len)
		return 0;
	out->name = (const char *)buf + head;
	out->len = strnlen(out->name, reclen - head);
	if (out->len == reclen - head)
		return 0;
	memcpy(&out->ino, buf + offsetof(struct dirent64, d_ino), sizeof(out->ino));
	out->type = buf[offsetof(struct dirent64, d_type)];
	return reclen;
}

/* count s32, more s32, offsets s32[count]; an entry is a length u32 and a name with its NUL. */
const char *hs_xfs_decode_attr(const uint8_t *buf, size_t len, uint32_t i)
{
	int32_t count, offset;

	if (len < 8 || i >= (len - 8) / 4)
		return NULL;
	memcpy(&count, buf, sizeof(count));
	if (count < 0 || i >= (uint32_t)count)
		return NULL;
	memcpy(&offset, buf + 8 + (size_t)i * 4, sizeof(offset));
	if (offset < 8 || (size_t)offset + 4 >= len)
		return NULL;
	if (!memchr(buf + offset + 4, '\0', len - (size_t)offset - 4))
		return NULL;
	return (const char *)buf + offset + 4;
}

/* ---- attributes ---- */

static const struct {
	uint32_t flag;
	const char *prefix;
	size_t len;
} spaces[] = {
	{HS_XFS_ATTR_USER, "user.", 5},
	{HS_XFS_ATTR_ROOT, "trusted.", 8},
	{HS_XFS_ATTR_SECURE, "security.", 9},
};

/* A list with prefixes: each namespace is a domain of its own. */
static errint_t check_list(struct worker *w, const char *list, size_t len)
{
	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		errint_t rc = 0;
		size_t n;

		hs_names_domain_begin(w->attrs, HS_NAMES_XATTR, false);
		for (size_t at = 0; !rc && at < len; at += n + 1) {
			n = strnlen(list + at, len - at);
			if (n > spaces[i].len &&
			    !memcmp(list + at, spaces[i].prefix, spaces[i].len))
				rc = hs_names_domain_add(w->attrs, list + at, n, 0);
		}
		if (rc)
			return rc;
		hs_names_domain_end(w->attrs);
	}
	return 0;
}

static void tell_unread(struct hs_xfs_nametree *t, const struct about *a, const char *what,
			errint_t rc)
{
	struct hs_xfs_object obj = {.scope = HS_XFS_SCOPE_INODE, .id = a->ino, .gen = a->gen};
	struct hs_strbuf s = HS_STRBUF_INIT;
	struct hs_finding f = HS_FINDING_INIT;

	/* what phase 3 could not read is not told again */
	if (hs_xfs_is_known(t->scan, HS_XFS_SCOPE_INODE, a->ino, UINT64_MAX))
		return;
	hs_xfs_describe_object(&t->scan->fs, &obj, &s);
	hs_xfs_say(t->scan, HS_XFS_ERROR, hs_strbuf_str(&s), "%s cannot be read: %s.", what,
		   strerror(-rc));
	hs_strbuf_free(&s);
	if (!t->scan->run)
		return;
	f.rule = "XFS-UNCHECKED";
	f.severity = HS_SEV_WARNING;
	f.state = HS_STATE_UNDECIDED;
	hs_xfs_finding_about(t->scan, &obj, &f);
	f.message = hs_finding_text(&f, "%s cannot be read: names are not checked", what);
	f.reason = strerror(-rc);
	hs_xfs_add_finding(t->scan, &f);
}

/* One namespace of a file by its handle. */
static errint_t check_space(struct worker *w, const struct hs_xfs_handle *h, unsigned space)
{
	struct hs_xfs_fs *fs = &w->about.tree->scan->fs;
	struct hs_xfs_attr_cursor cursor = {{0}};
	char name[16 + 256];
	uint8_t *buf = (uint8_t *)w->xattrs;
	unsigned calls = 0;
	int32_t more = 1;

	while (more && calls++ < CALLS_MAX) {
		const char *bare;
		errint_t rc;

		memset(buf, 0, 8);
		rc = fs->kernel->ops->attrlist(fs->kernel, fs->fd, h, spaces[space].flag, &cursor,
					       buf, XATTRS_BUF);
		if (rc)
			return rc;
		memcpy(&more, buf + 4, sizeof(more));
		for (uint32_t i = 0; (bare = hs_xfs_decode_attr(buf, XATTRS_BUF, i)); i++) {
			size_t len = strnlen(bare, 256);

			memcpy(name, spaces[space].prefix, spaces[space].len);
			memcpy(name + spaces[space].len, bare, len);
			rc = hs_names_domain_add(w->attrs, name, spaces[space].len + len, 0);
			if (rc)
				return rc;
		}
	}
	return 0;
}

static errint_t check_by_handle(struct worker *w, const struct hs_xfs_bstat *st)
{
	struct hs_xfs_nametree *t = w->about.tree;
	struct hs_xfs_handle h = hs_xfs_handle(&t->scan->fs, st->ino, st->gen);

	w->about.ino = st->ino;
	w->about.gen = st->gen;
	w->about.by_name = false;
	for (unsigned i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		errint_t rc;

		hs_names_domain_begin(w->attrs, HS_NAMES_XATTR, hs_xfs_is_trusted(st));
		rc = check_space(w, &h, i);
		if (rc == -ENOMEM || rc == -EINTR || rc == -ESHUTDOWN)
			return rc;
		if (rc == -ESTALE || rc == -ENOENT)
			return 0; /* gone */
		if (rc) {
			tell_unread(t, &w->about, "Extended attributes", rc);
			return 0;
		}
		hs_names_domain_end(w->attrs);
	}
	return 0;
}

/* The attributes of an entry of an open directory. */
static errint_t check_by_name(struct worker *w, int fd, const struct hs_xfs_dirent *e)
{
	struct hs_xfs_nametree *t = w->about.tree;
	struct hs_xfs_kernel *k = t->scan->fs.kernel;
	ssize_t n = k->ops->listxattrat(k, fd, e->name, w->xattrs, XATTRS_BUF);
	struct hs_xfs_bstat st;

	if (n == 0 || n == -ENOENT || n == -ENOTSUP || n == -ESTALE)
		return 0;
	w->about.ino = e->ino;
	w->about.gen = 0;
	w->about.by_name = true;
	if (n > 0)
		return check_list(w, w->xattrs, n < XATTRS_BUF ? (size_t)n : XATTRS_BUF);
	if (n == -EINTR || n == -ESHUTDOWN || n == -ENOMEM)
		return (errint_t)n;
	if (n == -ERANGE || n == -E2BIG)
		return hs_xfs_inode_load(&t->scan->fs, e->ino, &st) ? 0 : check_by_handle(w, &st);
	tell_unread(t, &w->about, "Extended attributes", (errint_t)n);
	return 0;
}

/* ---- directories ---- */

static errint_t check_entry(struct worker *w, int fd, const struct hs_xfs_bstat *dir,
			    const struct hs_xfs_dirent *e)
{
	bool self = e->len == 1 && e->name[0] == '.';
	bool up = e->len == 2 && !memcmp(e->name, "..", 2);
	errint_t rc;

	w->about.ino = dir->ino;
	w->about.gen = dir->gen;
	w->about.by_name = false;
	rc = hs_names_domain_add(w->entries, e->name, e->len, e->ino);
	if (rc == -EIO)
		rc = 0; /* ICU refuses this name: nothing can be said about it */
	if (rc || !w->about.tree->through_dirs || up || (e->type == DT_DIR && !self))
		return rc;
	return check_by_name(w, fd, e);
}

static errint_t read_entries(struct worker *w, int fd, const struct hs_xfs_bstat *dir)
{
	struct hs_xfs_kernel *k = w->about.tree->scan->fs.kernel;

	for (unsigned calls = 0; calls < CALLS_MAX; calls++) {
		ssize_t n = k->ops->getdents(k, fd, w->dirents, DIRENTS_BUF);
		struct hs_xfs_dirent e;
		size_t at = 0, got;

		if (n <= 0)
			return (errint_t)n;
		n = n < DIRENTS_BUF ? n : DIRENTS_BUF;
		while ((got = hs_xfs_decode_dirent(w->dirents + at, (size_t)n - at, &e))) {
			errint_t rc = check_entry(w, fd, dir, &e);

			if (rc)
				return rc;
			at += got;
		}
		if (at == 0)
			return -EPROTO;
	}
	return -EPROTO;
}

errint_t hs_xfs_nametree_directory(struct hs_xfs_nametree *t, unsigned worker,
				   const struct hs_xfs_bstat *st)
{
	struct worker *w = &t->workers[worker];
	struct hs_xfs_fs *fs = &t->scan->fs;
	struct hs_xfs_handle h = hs_xfs_handle(fs, st->ino, st->gen);
	int fd = fs->kernel->ops->open_by_handle(fs->kernel, fs->fd, &h,
						 O_RDONLY | O_DIRECTORY | O_NOATIME | O_CLOEXEC);
	errint_t rc = fd;

	if (fd >= 0) {
		hs_names_domain_begin(w->entries, HS_NAMES_DIRECTORY, hs_xfs_is_trusted(st));
		rc = read_entries(w, fd, st);
		w->about.ino = st->ino;
		w->about.gen = st->gen;
		w->about.by_name = false;
		hs_names_domain_end(w->entries);
		fs->kernel->ops->close(fs->kernel, fd);
	}
	if (rc == -ENOMEM || rc == -EINTR || rc == -ESHUTDOWN)
		return rc;
	if (rc < 0 && rc != -ESTALE && rc != -ENOENT) {
		w->about = (struct about){.tree = t, .ino = st->ino, .gen = st->gen};
		tell_unread(t, &w->about, "Directory", rc);
	}
	if (!t->through_dirs && (st->xflags & HS_XFS_XFLAG_HASATTR))
		return check_by_handle(w, st);
	return 0;
}

errint_t hs_xfs_nametree_file(struct hs_xfs_nametree *t, unsigned worker,
			      const struct hs_xfs_bstat *st)
{
	if (t->through_dirs || !(st->xflags & HS_XFS_XFLAG_HASATTR))
		return 0;
	return check_by_handle(&t->workers[worker], st);
}

void hs_xfs_nametree_label(struct hs_xfs_nametree *t)
{
	struct hs_xfs_fs *fs = &t->scan->fs;
	struct worker *w = &t->workers[0];
	char label[256];
	errint_t rc = fs->kernel->ops->label(fs->kernel, fs->fd, label);

	/* older kernels cannot tell */
	if (rc || label[0] == '\0')
		return;
	w->about = (struct about){.tree = t};
	hs_names_domain_begin(w->entries, HS_NAMES_LABEL, false);
	hs_names_domain_add(w->entries, label, strnlen(label, sizeof(label)), 0);
	hs_names_domain_end(w->entries);
}

/* ---- the whole ---- */

static errint_t worker_init(struct hs_xfs_nametree *t, struct worker *w)
{
	errint_t rc;

	w->about.tree = t;
	rc = hs_names_domain_new(t->names, take_report, &w->about, &w->entries);
	if (!rc)
		rc = hs_names_domain_new(t->names, take_report, &w->about, &w->attrs);
	if (rc)
		return rc;
	w->dirents = malloc(DIRENTS_BUF);
	w->xattrs = malloc(XATTRS_BUF);
	return w->dirents && w->xattrs ? 0 : -ENOMEM;
}

errint_t hs_xfs_nametree_new(struct hs_xfs_scan *scan, unsigned workers,
			     struct hs_xfs_nametree **out)
{
	struct hs_names_options opts = {.utf8 = scan->opt->utf8_names,
					.all_info = scan->opt->verbose};
	struct hs_xfs_nametree *t = calloc(1, sizeof(*t));
	errint_t rc;

	*out = NULL;
	if (!t)
		return -ENOMEM;
	t->scan = scan;
	t->through_dirs = hs_xfs_feature(&scan->fs, HS_XFS_GEOM_PARENT);
	pthread_mutex_init(&t->lock, NULL);
	rc = hs_names_open(&opts, &t->names);
	if (rc == -ENOTSUP) {
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown,
			   "Names cannot be checked: the Unicode data cannot be loaded.");
		hs_xfs_nametree_free(t);
		return 0;
	}
	t->workers = rc ? NULL : calloc(workers, sizeof(*t->workers));
	if (!rc && !t->workers)
		rc = -ENOMEM;
	while (!rc && t->n_workers < workers)
		rc = worker_init(t, &t->workers[t->n_workers++]);
	if (rc)
		hs_xfs_nametree_free(t);
	else
		*out = t;
	return rc;
}

void hs_xfs_nametree_free(struct hs_xfs_nametree *t)
{
	if (!t)
		return;
	for (unsigned i = 0; i < t->n_workers; i++) {
		struct worker *w = &t->workers[i];

		hs_names_domain_free(w->entries);
		hs_names_domain_free(w->attrs);
		free(w->dirents);
		free(w->xattrs);
	}
	free(t->workers);
	free(t->told);
	hs_names_close(t->names);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
