/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about the object index of a target (catalogue, section 3) and LAST_ID (section 4).
 */
#include "lfsck/rules_table.h"

#define SCRUB(num, sev, counter, cat, msg, repair, text)                                           \
	{                                                                                          \
		"OI-" num, HS_RULE_SCRUB, HS_RULE_##sev, 0, counter, cat, msg, repair, text        \
	}
#define LASTID(num, sev, cat, msg, repair, text)                                                   \
	{                                                                                          \
		"LID-" num, HS_RULE_LASTID, HS_RULE_##sev, 0, NULL, cat, msg, repair, text         \
	}

static const struct hs_rule table[] = {
	SCRUB("1", MAJOR, "updated", NULL, "The OI has no record for the FID of this inode.",
	      "Inserts FID, inode number and generation into the OI.",
	      "The inode carries a FID in its LMA, but the object index cannot find it by that "
	      "FID. "
	      "It comes from a file-level restore or a lost OI file. Access by FID fails until the "
	      "record is there."),
	SCRUB("2", MAJOR, "updated", NULL, "The OI record leads to another inode.",
	      "Replaces the record by one for the inode whose LMA carries the FID.",
	      "The OI maps the FID to an inode number or generation that is not that of the inode "
	      "with this FID. Requests for the object fail or meet a stranger."),
	SCRUB("3", MINOR, "updated", NULL, "The OI has a record for an inode that is gone.",
	      "Deletes the record.",
	      "No inode carries the FID any more. The record is harmless until the inode number is "
	      "used again; LFSCK notices it only when somebody asks for the FID."),
	SCRUB("4", MINOR, "igif", NULL, "The inode has no LMA.",
	      "Writes an LMA with the FID its witnesses name, else the IGIF on MDT0000.",
	      "Objects from before Lustre 2 or restored without extended attributes have no LMA. "
	      "Without it the OI cannot be rebuilt."),
	SCRUB("5", MAJOR, NULL, NULL, "The inode of a target other than MDT0000 has no LMA.",
	      "Writes the LMA if OI, entry or name below O/ agree on the FID; else nothing.",
	      "LFSCK passes such an inode over because it cannot know its FID. Other witnesses "
	      "often do know it."),
	SCRUB("6", MINOR, "failed", NULL, "The OST object is not marked FID_ON_OST.",
	      "Sets the mark when name and parent record agree with the FID.",
	      "Objects of early releases carry their FID without the mark that says that it is an "
	      "OST object's. The scrub of this release refuses them."),
	SCRUB("7", MAJOR, "updated", NULL, "The OST object has no name below O/.",
	      "Adds the name that its FID demands.",
	      "OST objects are found by sequence and id below O/. Without the name the object's "
	      "data cannot be read, although the inode is whole."),
	SCRUB("8", MAJOR, "updated", NULL, "The name below O/ leads to another inode.",
	      "Repoints the name, unless that inode carries the same FID.",
	      "Reading the object would give another object's data. It comes from a damaged "
	      "directory block or a repair by hand."),
	SCRUB("9", LOSS, "lf_repaired", NULL, "An OST object lies in the target's lost+found.",
	      "Moves it to its name below O/; an empty never written occupant makes way.",
	      "e2fsck found the inode without a name and put it aside. Its file misses this stripe "
	      "until the object is back."),
	SCRUB("10", MINOR, NULL, NULL, "The OST object has more than one name.",
	      "Removes the names that do not follow from its FID and sets nlink to 1.",
	      "An OST object has exactly one name. A second one makes it answer for two FIDs."),
	SCRUB("11", MAJOR, "updated", NULL, "A local file of the target is mapped wrongly.",
	      "Gives the file its fixed FID and maps it.",
	      "Files in the target's root have FIDs that Lustre fixes by name. The target may "
	      "refuse to mount when one leads elsewhere."),
	SCRUB("12", MAJOR, NULL, NULL, "An index file is damaged.",
	      "Restores it from its backup; an OI file is rebuilt from the inodes.",
	      "The tree of records cannot be walked in full. What it held beyond the damage counts "
	      "as unknown, not as absent."),
	SCRUB("13", MAJOR, NULL, NULL, "LAST_ID of a local sequence is below an id in use.",
	      "Raises it to the highest id seen, creating it if necessary.",
	      "New log and quota objects would be given ids that exist. The next creation fails or "
	      "overwrites."),
	SCRUB("14", MAJOR, "updated", NULL, "OI files are missing or not a power of two in number.",
	      "Recreates the set and fills it from the inodes.",
	      "The file of a FID is chosen by its sequence, so every file must exist. All objects "
	      "of a lost file are unreachable by FID."),
	SCRUB("15", MINOR, "updated", NULL, "The OI was written for another file system's UUID.",
	      "Rebuilds the OI from the inodes.",
	      "The target was restored file by file into a new file system, so inode numbers may "
	      "have changed while the OI was copied."),
	SCRUB("60", LOSS, NULL, "13.1 #8", "Two inodes carry the same FID.",
	      "Keeps the one that entries, stripes and parents support and reports the other.",
	      "A copied inode or a restore on top of live data. Which one is seen depends on the "
	      "OI "
	      "record; the scrub decides by time and size alone."),
	SCRUB("61", MAJOR, NULL, "13.1 #7",
	      "The LMA is missing or wrong, and witnesses agree on it.",
	      "Writes the LMA with the FID of the majority.",
	      "LFSCK believes the LMA whatever contradicts it. Where OI, entries, children and "
	      "stripes name one FID, that is the object's."),
	SCRUB("62", LOSS, NULL, "13.2 #20", "Two inodes map to the same IGIF.",
	      "None; both are reported.",
	      "An IGIF is made of inode number and generation, so two inodes with one IGIF mean "
	      "that an LMA was copied."),
	SCRUB("63", MINOR, NULL, NULL, "The OI record lies in the wrong OI file.",
	      "Moves the record to the file that the sequence selects.",
	      "The record is whole, but no look-up goes to that file."),
	LASTID("1", MAJOR, NULL, "LAST_ID of the sequence is missing.",
	       "Creates it with the highest id seen.",
	       "The OST starts from zero and may hand out ids that are in use."),
	LASTID("2", MAJOR, NULL, "LAST_ID is below the id of an existing object.",
	       "Raises it to the highest id seen.",
	       "New files would be given objects that already hold another file's data. It comes "
	       "from a restored or rolled back target."),
	LASTID("3", MAJOR, NULL, "LAST_ID is empty.", "Writes the highest id seen.",
	       "The file was created but its content never reached the disk; it means as much as a "
	       "missing one."),
	LASTID("4", MAJOR, NULL, "LAST_ID is shorter than 8 bytes.", "Writes the highest id seen.",
	       "LFSCK gives the sequence up. The highest id in use is known all the same."),
	LASTID("60", MAJOR, "13.1 #6", "lov_objid of an MDT is above LAST_ID of the OST.",
	       "None; the servers agree again when they reconnect.",
	       "The MDT believes in objects that the OST never made, as after restoring an OST "
	       "from "
	       "an older backup."),
	LASTID("61", MAJOR, "13.1 #6", "LAST_ID is beyond the range of its sequence.",
	       "None; the highest id seen is reported.",
	       "Nothing lowers LAST_ID, so a corrupt large value exhausts the sequence at once."),
};

const struct rules_part rules_scrub = RULES_PART(table);
