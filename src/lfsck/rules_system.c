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
	RULE("FLD-1", FLD, MAJOR, NULL, NULL, "The object lies on the wrong target.", "None.",
	     "FLD gives its sequence to another target, so nobody asks for it here. A target was "
	     "copied, or FLD is wrong."),
	RULE("FLD-2", FLD, MAJOR, NULL, NULL, "No target owns the sequence of the object.", "None.",
	     "FLD has no range for the sequence; every access to the object fails."),
	RULE("FLD-3", FLD, MAJOR, NULL, "13.1 #6", "FLD ranges overlap or differ between targets.",
	     "None.",
	     "MDT0000 has the table and the others hold copies. Two answers send requests "
	     "to the wrong server."),
	RULE("FLD-4", FLD, MAJOR, NULL, "13.1 #6", "A sequence is in use that was never allocated.",
	     "None.",
	     "seq_srv is behind, so the sequence will be given out again and FIDs repeat."),
	RULE("FLD-5", FLD, MAJOR, NULL, "13.1 #6", "Label, mountdata and last_rcvd disagree.",
	     "None.", "The target does not know which one it is. It may be a copy of another."),
	RULE("LF-1", LOSTFOUND, LOSS, "local_lost_found_moved", NULL,
	     "An object of the name space lies in the MDT's lost+found.",
	     "Puts it back where linkEA and other witnesses place it, else in .lustre/lost+found.",
	     "e2fsck found the inode without a name. Clients cannot see that directory."),
	RULE("LF-2", LOSTFOUND, MINOR, NULL, NULL, "lost+found of the MDT is missing or misplaced.",
	     "Recreates it below .lustre/lost+found.",
	     "Bookmark and name must lead to one directory, where repairs place what they find."),
	RULE("TREE-1", TREE, LOSS, NULL, "13.1 #3", "The directory is part of a cycle.",
	     "Cuts the cycle and places the directory in lost+found, type D.",
	     "Each directory has a parent, but none of them leads to ROOT. Everything in and below "
	     "the cycle is out of reach."),
	RULE("TREE-2", TREE, LOSS, NULL, "13.1 #3", "The directory cannot be reached from ROOT.",
	     "Reconnects it as its links say, else lost+found, type D.",
	     "LFSCK does not walk the local tree. What lies below holds space and cannot be "
	     "opened."),
	RULE("META-1", TREE, UNDECIDED, NULL, NULL, "A block of the inode table could not be read.",
	     "None.",
	     "The inodes in it are unknown; that an object is absent proves nothing here."),
	RULE("META-2", TREE, UNDECIDED, NULL, NULL, "A directory is damaged or could not be read.",
	     "None; e2fsck repairs the block.",
	     "The names in it are unknown, so no object is called an orphan for lacking them."),
	RULE("META-3", TREE, UNDECIDED, NULL, NULL, "Extended attributes could not be read.",
	     "None.", "LMA, linkEA and layout of the inode are unknown, not absent."),
	RULE("META-5", TREE, MAJOR, NULL, NULL, "Facts disagree in a way that no rule explains.",
	     "None; all that is left over is reported.",
	     "Several faults met at one object, or one that is not in this table. The facts left "
	     "over "
	     "are listed with their places."),
	RULE("META-6", TREE, UNDECIDED, NULL, "13.2 #24",
	     "Recovery has yet to finish an operation on the object.",
	     "None; the servers do it when they mount.",
	     "The target was not unmounted cleanly. What is half done now is whole or undone after "
	     "recovery, so nothing is concluded before."),
	RULE("META-4", TREE, UNDECIDED, NULL, NULL, "An index file could not be read.", "None.",
	     "Records of an OI or FLD file are unknown, not absent."),
};

const struct rules_part rules_system = RULES_PART(table);
