/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing a target.
 *
 * A handle takes the target for itself: exclusive open, multiple mount protection held, refused
 * when it is mounted, needs its journal recovered or has a feature that is not known. Changes are
 * staged in memory, block by block, in the form the kernel would write; hs_edit_commit() makes them
 * durable as one transaction: undo records first, then their images in a redo file, then the target
 * itself. A commit that is cut off is finished by the next hs_edit_open() with the same files.
 *
 * A repair is what lies between hs_edit_begin() and hs_edit_end(); several may share a commit,
 * which then costs the same few flushes. hs_edit_cancel() drops a repair without a trace.
 *
 * Every edit returns 0 or -errno; hs_edit_why() then tells why in one sentence. After an error the
 * repair must be cancelled: some of its blocks may have been staged. The common errors:
 *	-EUCLEAN	what would have to be changed is damaged itself
 *	-ENOENT, -EEXIST	there is no such name, attribute, key; or there is one
 *	-ENOSPC		no room in the target, or a limit of the format is reached
 *	-EOPNOTSUPP	inline data, casefolded or encrypted directories
 *
 * The reader of the same target, hs_edit_fs(), sees the staged state. One thread.
 */
#ifndef HS_LDISKFS_EDIT_H
#define HS_LDISKFS_EDIT_H

#include "ldiskfs/dir.h"
#include "ldiskfs/inode.h"

struct hs_edit;

struct hs_edit_params {
	const char *device;
	/* Where DIR/LABEL.e2undo and DIR/LABEL.redo lie; the run's directory and the target's
	 * label. */
	const char *dir, *label;
	const char *holder; /* the run's name: says in the MMP block who has the target */
	uint32_t now;	    /* seconds since 1970, what the times of changed inodes become */
	struct hs_log *log;
	/*
	 * Nothing but staging: the device is opened for reading, nobody is kept from it, and
	 * hs_edit_commit() is -EROFS. For plans. dir and holder are not used.
	 */
	bool plan;
	/* For tests: sleeping, and a layer between the device and everything else (owns below). */
	void (*wait)(void *arg, unsigned seconds);
	errint_t (*wrap)(void *arg, struct hs_io *below, struct hs_io **out);
	void *arg;
};

/* Refuses with one sentence in `why`: -EBUSY in use, -EINVAL cannot be changed, -ESTALE left-overs
 * in dir belong to something else. */
errint_t hs_edit_open(const struct hs_edit_params *p, struct hs_edit **out, struct hs_strbuf *why);

/* Drops what was not committed and lets the target go. NULL is allowed. */
errint_t hs_edit_close(struct hs_edit *e);

const struct hs_fs *hs_edit_fs(const struct hs_edit *e);
const char *hs_edit_why(const struct hs_edit *e); /* of the last error */
/* Sets that sentence, after the name of the device, and returns err: for edits made of these. */
errint_t hs_edit_fail(struct hs_edit *e, errint_t err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* An interrupted transaction of an earlier process was finished by hs_edit_open(). */
bool hs_edit_finished_earlier(const struct hs_edit *e);
/* Quota files that are damaged or absent could not follow a change: they must be rebuilt. */
bool hs_edit_quota_stale(const struct hs_edit *e);

void hs_edit_begin(struct hs_edit *e);
void hs_edit_end(struct hs_edit *e);
void hs_edit_cancel(struct hs_edit *e);

struct hs_edit_repair {
	/* Whether the facts that the repair rests on are unchanged: 1, 0 or -errno. May be NULL. */
	int (*holds)(struct hs_edit *e, void *arg);
	errint_t (*apply)(struct hs_edit *e, void *arg);
	void *arg;
};

/* Begin, verify, apply, end: 1 staged, 0 skipped (the facts have changed), -errno cancelled. */
int hs_edit_repair(struct hs_edit *e, const struct hs_edit_repair *r);

/*
 * Blocks that differ from the target, ascending: of the current repair (between begin and end), or
 * of all that is not committed. The caller frees the array.
 */
errint_t hs_edit_blocks(struct hs_edit *e, bool repair_only, uint64_t **blocks, size_t *n);
/* Bytes of memory that staged images take: a reason to commit. */
uint64_t hs_edit_staged(const struct hs_edit *e);

/*
 * Everything staged becomes durable. After an error nothing more can be committed: close the
 * handle; opening it again finishes or forgets the transaction.
 */
errint_t hs_edit_commit(struct hs_edit *e);

/* Inodes (edit_inode.c). */

/* Adds to, or sets, the link count. Directories beyond 64998 subdirectories stay at 1. */
errint_t hs_edit_set_nlink(struct hs_edit *e, uint32_t ino, uint32_t nlink);
/* Usage moves in the quota files. */
errint_t hs_edit_set_owner(struct hs_edit *e, uint32_t ino, uint32_t uid, uint32_t gid,
			   uint32_t projid);
errint_t hs_edit_set_mode(struct hs_edit *e, uint32_t ino, uint16_t mode);
errint_t hs_edit_set_flags(struct hs_edit *e, uint32_t ino, uint32_t set, uint32_t clear);
errint_t hs_edit_set_times(struct hs_edit *e, uint32_t ino, uint32_t atime, uint32_t mtime,
			   uint32_t ctime);

/* New and removed inodes (edit_create.c). */

struct hs_edit_new {
	uint32_t near; /* inode in whose group it shall be, 0: anywhere */
	uint16_t mode;
	uint32_t uid, gid, projid;
	uint32_t flags; /* beside what the file system asks for */
	uint32_t nlink;
	uint32_t atime, mtime, ctime;
	uint32_t rdev;	    /* of device nodes, as stored */
	const char *target; /* of a symlink: less than 60 bytes, kept in the inode */
	/* Of a directory: the inode `..` names, and the FID behind it (NULL: none). */
	uint32_t parent;
	const uint8_t *parent_fid; /* 16 bytes, big endian */
};

/* An empty file, device node, symlink or directory without a name. */
errint_t hs_edit_create(struct hs_edit *e, const struct hs_edit_new *n, uint32_t *ino,
			uint32_t *generation);
/* Its blocks, attributes and number become free. No name is touched. */
errint_t hs_edit_free_inode(struct hs_edit *e, uint32_t ino);

/* Extended attributes (edit_xattr.c). */

/* Adds or replaces; value NULL removes, -ENOENT if there is none. */
errint_t hs_edit_set_xattr(struct hs_edit *e, uint32_t ino, uint8_t index, const char *name,
			   const void *value, size_t len);
/* trusted.<name> */
errint_t hs_edit_set_trusted(struct hs_edit *e, uint32_t ino, const char *name, const void *value,
			     size_t len);
/* Writes anew those attributes that can be read where others are damaged. */
errint_t hs_edit_mend_xattrs(struct hs_edit *e, uint32_t ino);

/*
 * Directory entries (edit_dir.c, edit_htree.c). No link count is touched. `.` and `..` are made
 * with the directory: they change, but are neither inserted nor removed.
 */

struct hs_edit_dirent {
	uint32_t ino;
	uint8_t type;	    /* low nibble */
	const uint8_t *fid; /* 16 bytes, big endian; NULL: none behind the name */
};

errint_t hs_edit_insert(struct hs_edit *e, uint32_t dir, const void *name, size_t len,
			const struct hs_edit_dirent *d);
/* Where several entries have that name, the one that names `ino`, if it is not 0. */
errint_t hs_edit_remove(struct hs_edit *e, uint32_t dir, const void *name, size_t len,
			uint32_t ino);
/* In its place if there is room for the FID; `..` of an indexed directory keeps its form (-ENOSPC
 * if the FID does not fit). */
errint_t hs_edit_change(struct hs_edit *e, uint32_t dir, const void *name, size_t len, uint32_t ino,
			const struct hs_edit_dirent *d);

/* Contents of small files (edit_file.c). */

/* Within or right behind what is there; blocks are allocated, the size grows. */
errint_t hs_edit_write(struct hs_edit *e, uint32_t ino, const void *buf, size_t len, uint64_t off);

#endif
