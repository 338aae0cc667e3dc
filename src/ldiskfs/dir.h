/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories: block-mapped and extent ones, linear and hashed, large_dir, with dirdata
 * (format notes, section 5), read in bulk, in disk order, with many blocks in flight.
 */
#ifndef HS_LDISKFS_DIR_H
#define HS_LDISKFS_DIR_H

#include "ldiskfs/file.h"

struct hs_dirent {
	uint32_t ino;
	uint8_t type;	  /* low nibble of the file type byte */
	uint8_t type_raw; /* the whole byte */
	uint8_t name_len;
	bool has_fid;	     /* LUFID datum present and well formed */
	bool bad_data;	     /* extra bits set but the data do not fit */
	bool wrong_leaf;     /* hashed directory: the hash selects another leaf */
	bool duplicate;	     /* the same name was met before in this directory */
	const uint8_t *name; /* not NUL-terminated */
	const uint8_t *fid;  /* 16 bytes, big endian, if has_fid */
	uint32_t block;	     /* logical block in the directory */
	uint16_t offset;     /* in that block */
};

enum hs_dir_flaw {
	HS_DIRF_MAP = 1,     /* the block map is damaged or could not be read in full */
	HS_DIRF_READ = 2,    /* a block could not be read: names may be missing */
	HS_DIRF_ENTRY = 4,   /* an impossible record or name length: rest of the block is lost */
	HS_DIRF_CSUM = 8,    /* a block's checksum is wrong (its entries are still reported) */
	HS_DIRF_INDEX = 16,  /* the hash index is damaged: it was read as a linear directory */
	HS_DIRF_HOLE = 32,   /* a block inside i_size is not mapped */
	HS_DIRF_INLINE = 64, /* inline data */
	HS_DIRF_UNSEARCHED = 128, /* too large to compare all names: duplicates may be missed */
};

struct hs_dir_end {
	unsigned flaws;
	uint32_t bad_block; /* first logical block with a flaw */
	uint64_t entries;   /* reported, `.` and `..` included */
	uint64_t blocks;    /* read, map and index blocks included */
};

/*
 * Calls of one directory are consecutive: begin, entries in block order (`.` and `..` too, as
 * ordinary entries), end. They come in the thread that called the reader. Names and FIDs are valid
 * during the call only. A non-zero return ends the reading with that value. begin and end may be
 * NULL.
 */
struct hs_dir_visitor {
	int (*begin)(void *arg, void *dir);
	int (*entry)(void *arg, void *dir, const struct hs_dirent *e);
	int (*end)(void *arg, void *dir, const struct hs_dir_end *end);
};

/* One thread's reader. */
struct hs_dir_reader;
errint_t hs_dir_reader_new(const struct hs_fs *fs, struct hs_dir_reader **out);
void hs_dir_reader_free(struct hs_dir_reader *r);

/*
 * Queues a directory (`dir` is the caller's cookie; the inode is copied). Nothing is called yet.
 * hs_dir_reader_flush() reads all queued directories: small ones together, in disk order with many
 * reads in flight, large ones in windows, and calls the visitor directory by directory. The caller
 * flushes when hs_dir_reader_full() says so and at the end of a chunk.
 */
errint_t hs_dir_queue(struct hs_dir_reader *r, const struct hs_inode *inode, void *dir);
bool hs_dir_reader_full(const struct hs_dir_reader *r);
int hs_dir_reader_flush(struct hs_dir_reader *r, const struct hs_dir_visitor *v, void *arg);

/*
 * Look-ups, for preambles and witnesses; a linear search that is right also where the hash index is
 * damaged. 1 found (*e's name and fid point into `room`, which must hold 512 bytes), 0 absent,
 * -EUCLEAN absent but parts of the directory are damaged or unreadable, -errno.
 */
int hs_dir_lookup(const struct hs_fs *fs, const struct hs_inode *dir, const void *name, size_t len,
		  struct hs_dirent *e, uint8_t room[512]);

/* All entries of one directory, without queueing. As hs_dir_reader_flush() for one. */
int hs_dir_read(const struct hs_fs *fs, const struct hs_inode *dir, const struct hs_dir_visitor *v,
		void *arg);

#endif
