/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Marks: what the inline rules (equations, section 7) noticed at one inode or in one table.
 *
 * A mark is an observation, not a finding: the verdict decides what it means. A mark with a FID
 * makes that FID a suspect, so that all its witnesses are collected; notes do not.
 */
#ifndef HS_LFSCK_MARK_H
#define HS_LFSCK_MARK_H

#include "lfsck/digest.h"

enum hs_mark_weight {
	HS_MARK_NOTE,	 /* worth a line, never a suspect */
	HS_MARK_WITNESS, /* healthy, but its facts cannot balance (6.4) */
	HS_MARK_DAMAGE,	 /* something is wrong here or near here */
	HS_MARK_UNREAD,	 /* could not be read or decoded: proves nothing */
};

/* code, rule of the catalogue, weight, what was noticed */
#define HS_MARKS(M)                                                                                \
	M(INODE_UNREAD, "META-1", UNREAD, "inode could not be read")                               \
	M(INODE_CSUM, "META-1", UNREAD, "inode checksum is wrong")                                 \
	M(INODE_BITMAP, "META-1", UNREAD, "inode bitmap could not be read")                        \
	M(XATTR_DAMAGED, "META-3", UNREAD, "extended attributes are damaged or unreadable")        \
	M(LEAK, "NS-67", NOTE, "unlinked inode that is not on the orphan list")                    \
	M(LMA_NONE, "OI-4", DAMAGE, "no LMA")                                                      \
	M(LMA_SHORT, "NS-3", DAMAGE, "LMA is too short")                                           \
	M(LMA_FLAGS, "NS-3", DAMAGE, "LMA has unknown incompatible flags")                         \
	M(OBJ_ON_MDT, "FLD-1", DAMAGE, "OST object on an MDT")                                     \
	M(OBJ_NOT_MARKED, "OI-6", DAMAGE, "OST object without the FID_ON_OST flag")                \
	M(WRONG_TARGET, "FLD-1", DAMAGE, "the sequence of this object belongs to another target")  \
	M(SEQ_UNOWNED, "FLD-2", DAMAGE, "no target owns the sequence of this object")              \
	M(SEQ_FUTURE, "FLD-4", DAMAGE, "the sequence of this object was never allocated")          \
	M(OI_WRONG_FILE, "OI-63", DAMAGE, "OI record lies in the wrong OI file")                   \
	M(OI_DAMAGED, "META-4", UNREAD, "OI file is damaged or unreadable")                        \
	M(OI_LOST, "OI-14", DAMAGE, "OI file is missing")                                          \
	M(OI_COUNT, "OI-14", DAMAGE, "number of OI files is not a power of two")                   \
	M(OI_UUID, "OI-15", DAMAGE, "OI_scrub was written for another file system")                \
	M(LINK_NONE, "NS-11", DAMAGE, "no linkEA")                                                 \
	M(LINK_MAGIC, "NS-12", DAMAGE, "linkEA has a bad magic")                                   \
	M(LINK_LENGTH, "NS-12", DAMAGE, "linkEA has impossible lengths")                           \
	M(LINK_ENTRY, "NS-20", DAMAGE, "linkEA has an invalid entry")                              \
	M(LINK_REPEATED, "NS-21", DAMAGE, "linkEA names the same link twice")                      \
	M(LINK_OVERFLOW, "NS-30", WITNESS, "more links than the linkEA can hold")                  \
	M(LINK_MANY, "NS-49", DAMAGE, "directory whose linkEA has not exactly one entry")          \
	M(REMOTE_FLAG, "NS-31", DAMAGE, "REMOTE_PARENT flag disagrees with the linkEA")            \
	M(LOV_OI, "LAY-1", DAMAGE, "lmm_oi is not the FID of the file")                            \
	M(LOV_MAGIC, "LAY-15", DAMAGE, "LOV EA has a bad magic")                                   \
	M(LOV_UNSUPPORTED, "LAY-15", NOTE, "LOV EA of an unknown type: kept, not judged")          \
	M(LOV_SIZE, "LAY-14", DAMAGE, "LOV EA leads out of its value")                             \
	M(LOV_TRAILING, "LAY-14", NOTE, "bytes after the end of the LOV EA")                       \
	M(LOV_COUNT, "LAY-14", DAMAGE, "impossible stripe or component count")                     \
	M(LOV_COMP_ID, "LAY-64", DAMAGE, "component id is invalid or repeated")                    \
	M(LOV_EXTENT, "LAY-65", DAMAGE, "component extents leave a gap, overlap or are unordered") \
	M(LOV_RULE, "LAY-14", DAMAGE, "component breaks a rule of composite layouts")              \
	M(LOV_DUMMY, "LAY-7", DAMAGE, "empty stripe record in a layout without the HOLE flag")     \
	M(LOV_OVERLAP, "LAY-66", DAMAGE, "component bodies overlap")                               \
	M(LOV_DOM, "LAY-67", DAMAGE, "DoM component that is not the first or is extended")         \
	M(LOV_MIRRORS, "LAY-68", DAMAGE,                                                           \
	  "mirror count, state and stale flags contradict each other")                             \
	M(LOV_OST, "LAY-70", DAMAGE, "stripe on an OST that does not exist")                       \
	M(REF_TWICE, "LAY-4", DAMAGE, "two stripes name one object without parent record")         \
	M(LMV_FLAG, "STR-4", NOTE, "STRIPED flag disagrees with the LMV EA")                       \
	M(LMV_MAGIC, "STR-3", DAMAGE, "LMV EA has a bad magic or size")                            \
	M(LMV_COUNT, "STR-2", DAMAGE, "impossible stripe count of a striped directory")            \
	M(LMV_HASH, "STR-3", DAMAGE, "invalid hash type of a striped directory")                   \
	M(LMV_INDEX, "STR-6", DAMAGE, "shard index is not below the stripe count")                 \
	M(LMV_MDT, "STR-1", DAMAGE, "master LMV names another MDT")                                \
	M(LMV_CHANGING, "STR-13", WITNESS, "striped directory whose layout is changing")           \
	M(LMV_BAD_TYPE, "STR-3", WITNESS, "striped directory with unknown hash type")              \
	M(DIR_DAMAGED, "META-2", UNREAD, "directory is damaged or could not be read in full")      \
	M(DIR_INDEX, "NS-69", DAMAGE, "hash index of the directory is damaged")                    \
	M(DOT_BAD, "NS-47", DAMAGE, "`.` is missing or not this directory")                        \
	M(DOTDOT_NONE, "NS-47", DAMAGE, "no `..`")                                                 \
	M(DOTDOT_ROOT, "NS-47", DAMAGE, "`..` of ROOT is not the backend root")                    \
	M(DOTDOT_FID, "NS-47", DAMAGE, "FID behind `..` is not the parent in the linkEA")          \
	M(DIR_NLINK, "NS-61", DAMAGE, "nlink of the directory is not 2 + its subdirectories")      \
	M(ENTRY_INSANE, "NS-6", DAMAGE, "entry with an insane FID")                                \
	M(ENTRY_NO_FID, "NS-2", DAMAGE, "entry without FID")                                       \
	M(ENTRY_NO_ID, "NS-4", DAMAGE, "neither the entry nor its inode has a FID")                \
	M(ENTRY_DUP, "NS-62", DAMAGE, "two entries with one name")                                 \
	M(ENTRY_LEAF, "NS-63", DAMAGE, "entry lies in a hash leaf where no look-up finds it")      \
	M(NAME_HASH, "NS-15", DAMAGE, "name does not hash to this shard")                          \
	M(SHARD_NAME, "STR-10", DAMAGE, "entry of a striped directory is no shard name")           \
	M(SHARD_FID, "STR-6", DAMAGE, "FID in a shard name is not the FID of the entry")           \
	M(SHARD_RANGE, "STR-2", DAMAGE, "index in a shard name is not below the stripe count")     \
	M(SHARD_TWICE, "STR-8", DAMAGE, "two shards with one index")                               \
	M(SHARD_MISSING, "STR-5", DAMAGE, "striped directory lacks a shard")                       \
	M(AGENT_NLINK, "NS-66", DAMAGE, "agent inode with an impossible nlink")                    \
	M(AGENT_FULL, "NS-66", DAMAGE, "agent directory is not empty")                             \
	M(AGENT_LOCAL, "NS-66", DAMAGE, "agent inode for an object of this MDT")                   \
	M(AGENT_TEXT, "NS-66", DAMAGE, "agent symlink does not hold its FID")                      \
	M(RPD_NAME, "NS-65", DAMAGE, "name in REMOTE_PARENT_DIR is no FID")                        \
	M(PENDING_NAME, "NS-67", NOTE, "name in PENDING is no FID")                                \
	M(PENDING_FID, "NS-67", NOTE, "name in PENDING is not the FID of its inode")               \
	M(ORPHAN_ENTRY, "NS-68", DAMAGE, "removed directory that still has an entry")              \
	M(OBJ_TYPE, "LAY-69", DAMAGE, "OST object is not a regular file")                          \
	M(OBJ_NLINK, "OI-10", DAMAGE, "OST object with nlink other than 1")                        \
	M(PARENT_SIZE, "LAY-3", DAMAGE, "parent record of an impossible size")                     \
	M(PARENT_NONE, "LAY-61", DAMAGE, "written object without parent record")                   \
	M(UNREFERENCED, "LAY-9", DAMAGE, "object without parent record that no file uses")         \
	M(ONAME_BAD, "OI-8", DAMAGE, "name below O/ is no object id")                              \
	M(ONAME_DIR, "OI-8", DAMAGE, "object name in the wrong subdirectory of O/")                \
	M(ODIR_LOST, "OI-7", DAMAGE, "O/ directory of a sequence is missing")                      \
	M(LASTID_NONE, "LID-1", DAMAGE, "LAST_ID is missing")                                      \
	M(LASTID_EMPTY, "LID-3", DAMAGE, "LAST_ID is empty")                                       \
	M(LASTID_SHORT, "LID-4", DAMAGE, "LAST_ID is too short")                                   \
	M(LASTID_LOW, "LID-2", DAMAGE, "LAST_ID is below an object id in use")                     \
	M(LASTID_HIGH, "LID-61", DAMAGE, "LAST_ID is beyond the range of its sequence")            \
	M(OBJID_HIGH, "LID-60", DAMAGE, "lov_objid of an MDT is above LAST_ID")                    \
	M(LOCAL_LASTID, "OI-13", DAMAGE, "LAST_ID of a local sequence is below an id in use")      \
	M(INDEX_ROOT, "OI-12", DAMAGE, "root of an index file is damaged")                         \
	M(FLD_CONFLICT, "FLD-3", DAMAGE, "FLD ranges disagree")                                    \
	M(FLD_DAMAGED, "META-4", UNREAD, "FLD is damaged or unreadable")                           \
	M(IDENTITY, "FLD-5", DAMAGE, "label, mountdata and last_rcvd disagree")                    \
	M(LOST_FOUND, "LF-1", DAMAGE, "object in the backend's lost+found")                        \
	M(TABLE_UNREAD, "META-4", UNREAD, "a table of the target could not be read")               \
	M(CYCLE, "TREE-1", DAMAGE, "directory in a cycle away from ROOT")                          \
	M(UNREACHABLE, "TREE-2", DAMAGE, "directory that does not reach ROOT")

enum hs_mark_code {
#define HS_MARK_ENUM(code, rule, weight, text) HS_M_##code,
	HS_MARKS(HS_MARK_ENUM)
#undef HS_MARK_ENUM
		HS_MARK_CODES
};

struct hs_mark_info {
	const char *name; /* "LINK_NONE" */
	const char *rule;
	enum hs_mark_weight weight;
	const char *text;
};
const struct hs_mark_info *hs_mark_info(enum hs_mark_code code);

struct hs_mark {
	struct hs_fid fid; /* zero: about a table or a place, not an object */
	struct hs_prov prov;
	uint16_t code; /* enum hs_mark_code */
	uint16_t name_len;
	uint64_t a, b;	     /* what was seen, what was expected; by code */
	const uint8_t *name; /* an entry's name, or NULL; owned by the list */
};

/* One worker's marks, and after the scan everybody's. */
struct hs_marks {
	struct hs_mark *v;
	size_t n, room;
	size_t limit; /* marks kept; further ones are only counted */
	uint64_t counts[HS_MARK_CODES];
	uint64_t dropped;
	errint_t err;
};

void hs_marks_free(struct hs_marks *m);
void hs_mark_add(struct hs_marks *m, enum hs_mark_code code, struct hs_fid fid,
		 const struct hs_prov *prov, uint64_t a, uint64_t b, const uint8_t *name,
		 size_t name_len);

/* Moves all marks of `from` to the end of `to`. */
void hs_marks_merge(struct hs_marks *to, struct hs_marks *from);

/* By FID, code, place, name: an order that does not depend on the workers. */
void hs_marks_sort(struct hs_marks *m);

#endif
