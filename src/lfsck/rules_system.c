/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about the whole: sequences and their owners, lost+found, the tree, unreadable metadata.
 */
#include "lfsck/rules_table.h"

#define RULE(id, component, sev, counter, cat, msg, repair, text)                                  \
	{                                                                                          \
		id, HS_RULE_##component, HS_RULE_##sev, 0, counter, cat, msg, repair, text         \
	}

static const struct hs_rule table[] = {
	RULE("FLD-1", FLD, MAJOR, NULL, NULL, "The object lies on the wrong target.",
	     "None: clients know it by its FID; FLD or the copy must be put right by hand.",
	     "The object lies on a target that does not own its sequence: FLD gives the sequence "
	     "to another one. A target was copied, FLD is wrong, or the FID of the object was "
	     "damaged. Nobody asks for the object here, so it cannot be reached, and it uses "
	     "space."),
	RULE("FLD-2", FLD, MAJOR, NULL, NULL, "No target owns the sequence of the object.",
	     "None: clients know it by its FID; FLD must be put right by hand.",
	     "No target owns the sequence of this FID. FLD lost a range, or the FID was damaged. "
	     "Every access to the object fails, whatever else is right."),
	RULE("FLD-3", FLD, MAJOR, NULL, "13.1 #6", "FLD ranges overlap or differ between targets.",
	     "None: which copy is the right one must be decided by hand.",
	     "Two ranges of FLD overlap, or MDT0000 and another target do not agree on one. "
	     "MDT0000 has the table and the others hold copies; a restored target brings an old "
	     "one back. Requests for the sequences concerned go to a wrong server."),
	RULE("FLD-4", FLD, MAJOR, NULL, "13.1 #6", "A sequence is in use that was never allocated.",
	     "None: seq_srv must be put right by hand, or the object is a stranger.",
	     "A sequence is in use that MDT0000 has not yet handed out. Its record seq_srv was "
	     "restored from an older backup. The sequence will be given out again, and then two "
	     "objects get the same FID."),
	RULE("FLD-5", FLD, MAJOR, NULL, "13.1 #6", "Label, mountdata and last_rcvd disagree.",
	     "None: which target it is must be decided by hand.",
	     "Label, mount data and last_rcvd of the target do not name the same target. It was "
	     "copied, renamed or restored half-way. Mounting it may register it as another target "
	     "and let its objects be taken for those of the other."),
	RULE("LF-1", LOSTFOUND, LOSS, "local_lost_found_moved", NULL,
	     "An object of the name space lies in the MDT's lost+found.",
	     "Puts it back where linkEA and other witnesses place it, else in .lustre/lost+found.",
	     "e2fsck found the inode without a name and put it into the lost+found of the MDT, "
	     "which clients cannot see. Its linkEA and other witnesses usually tell where it "
	     "belongs. Until it is back, the file or all below the directory is out of reach."),
	RULE("LF-2", LOSTFOUND, MINOR, NULL, NULL, "lost+found of the MDT is missing or misplaced.",
	     "Recreates it below .lustre/lost+found.",
	     "The directory .lustre/lost+found/MDTxxxx, or the record of its FID, is missing or "
	     "leads elsewhere. It was removed or restored. Nothing is lost now, but a repair has "
	     "no place for what it finds."),
	RULE("TREE-1", TREE, LOSS, NULL, "13.1 #3", "The directory is part of a cycle.",
	     "Cuts the cycle and places the directory in lost+found, type D.",
	     "Following the parents of the directory upward leads back to it, never to ROOT. A "
	     "rename across MDTs that was carried out by halves, or a damaged FID, does this. "
	     "Everything in and below the cycle is out of reach, although each directory by itself "
	     "looks right; LFSCK does not see it."),
	RULE("TREE-2", TREE, LOSS, NULL, "13.1 #3", "The directory cannot be reached from ROOT.",
	     "Reconnects it as its links say, else lost+found, type D.",
	     "The directory does not reach ROOT: a parent on the way up is missing or does not "
	     "have the name. An entry or an inode was lost above it. What lies below uses space "
	     "and cannot be opened; LFSCK does not walk the local tree and misses it."),
	RULE("META-1", TREE, UNDECIDED, NULL, NULL, "A block of the inode table could not be read.",
	     "None: e2fsck repairs the block.",
	     "A block of the inode table or an inode bitmap could not be read, or the checksum of "
	     "an inode is wrong. The medium is failing or a write was torn. What these inodes are "
	     "is unknown: that an object is absent proves nothing on this target, so nothing is "
	     "concluded from it."),
	RULE("META-2", TREE, UNDECIDED, NULL, NULL, "A directory is damaged or could not be read.",
	     "None: e2fsck repairs the block.",
	     "A block of a directory is damaged or could not be read. The medium is failing or a "
	     "write was torn. The names in it are unknown, so no object is called lost for lacking "
	     "them; e2fsck repairs the block and may drop names."),
	RULE("META-3", TREE, UNDECIDED, NULL, NULL, "Extended attributes could not be read.",
	     "None: what they said is not known.",
	     "Extended attributes of the inode are damaged or could not be read. LMA, linkEA and "
	     "layout may be among them and count as unknown, not as absent. The object itself may "
	     "be out of reach until they are readable or written anew."),
	RULE("META-5", TREE, MAJOR, NULL, NULL, "Facts disagree in a way that no rule explains.",
	     "None: a person must judge; all that is left over is shown.",
	     "Facts about the object disagree in a way that no rule explains. Several faults met "
	     "at one object, or there is one that this table does not have. What is left over is "
	     "listed with the places it was read from, so that a person can judge it."),
	RULE("META-6", TREE, UNDECIDED, NULL, "13.2 #24",
	     "Recovery has yet to finish an operation on the object.",
	     "None: the servers do it when they mount.",
	     "The target was not unmounted cleanly. What is half done now is whole or undone after "
	     "recovery, so nothing is concluded before."),
	RULE("META-4", TREE, UNDECIDED, NULL, NULL, "An index file could not be read.",
	     "None: what its records said is not known.",
	     "An index file or a table of the target is damaged or could not be read. Its records "
	     "count as unknown, not as absent. What depends on them is not decided."),
};

const struct rules_part rules_system = RULES_PART(table);
