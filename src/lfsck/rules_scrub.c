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
	      "The inode carries a FID in its LMA, but the object index has no record that leads "
	      "from this FID to the inode. That is so after a file-level restore, or when a block "
	      "of an OI file was lost. Until the record is there every access by FID fails: "
	      "clients cannot open the file, and OSTs and MDTs cannot find the object."),
	SCRUB("2", MAJOR, "updated", NULL, "The OI record leads to another inode.",
	      "Replaces the record by one for the inode whose LMA carries the FID.",
	      "The index leads from the FID to an inode number or generation that is not that of "
	      "the inode whose LMA carries the FID. A restored or copied target and a lost write "
	      "to an OI file do this. Requests for the object fail or reach another object, whose "
	      "data may then be read or overwritten."),
	SCRUB("3", MINOR, "updated", NULL, "The OI has a record for an inode that is gone.",
	      "Deletes the record.",
	      "The index has a record for a FID that no inode carries. The object was destroyed "
	      "and its record stayed, or the inode was lost. Nothing is lost by it, but once the "
	      "inode number is used again the FID leads to a stranger; LFSCK notices only when "
	      "somebody asks for that FID."),
	SCRUB("4", MINOR, "igif", NULL, "The inode has no LMA.",
	      "Writes an LMA with the FID its witnesses name, else the IGIF on MDT0000.",
	      "The inode has no LMA. Objects from before Lustre 2 have none, and a restore without "
	      "extended attributes loses it. The object still works through its entry, but if the "
	      "object index is lost it can no longer be rebuilt from the inodes."),
	SCRUB("5", MAJOR, NULL, NULL, "The inode of a target other than MDT0000 has no LMA.",
	      "Writes the LMA if OI, entry or name below O/ agree on the FID; else nothing.",
	      "An inode of an OST, or of an MDT other than MDT0000, has no LMA, so that its FID is "
	      "not known from itself. LFSCK passes such inodes over. Often the object index, the "
	      "entry, or the name below O/ still tells the FID; without it the object is lost with "
	      "the index."),
	SCRUB("6", MINOR, "failed", NULL, "The OST object is not marked FID_ON_OST.",
	      "Sets the mark when name and parent record agree with the FID.",
	      "The LMA of the OST object lacks the flag that says that it is an OST object's. "
	      "Objects made by early releases are like this, as is an LMA that was written by "
	      "hand. The scrub of current releases refuses such an object, so that a lost index "
	      "record for it stays lost."),
	SCRUB("7", MAJOR, "updated", NULL, "The OST object has no name below O/.",
	      "Adds the name that its FID demands.",
	      "The OST object has no name below O/, where OST objects are found by sequence and "
	      "id. A directory block was lost or the name was removed, for instance by e2fsck. The "
	      "data are whole in the inode, but clients that read this stripe get an error."),
	SCRUB("8", MAJOR, "updated", NULL, "The name below O/ leads to another inode.",
	      "Repoints the name, unless that inode carries the same FID.",
	      "The name below O/ leads to an inode whose FID is another. A damaged directory block "
	      "or a repair by hand does this. Reading the stripe gives another object's data, and "
	      "writing it overwrites them."),
	SCRUB("9", LOSS, "lf_repaired", NULL, "An OST object lies in the target's lost+found.",
	      "Moves it to its name below O/; an empty never written occupant makes way.",
	      "e2fsck found the inode without a name and put it into the lost+found of the OST; "
	      "its FID tells where it belongs. Its file misses this stripe until the object is "
	      "back below O/. Emptying lost+found would destroy the data."),
	SCRUB("10", MINOR, NULL, NULL, "The OST object has more than one name.",
	      "Removes the names that do not follow from its FID and sets nlink to 1.",
	      "An OST object has exactly one name, the one that follows from its FID, but the link "
	      "count or a second name says otherwise. A directory block that was restored or "
	      "linked by hand does this. The object then answers for two FIDs, and destroying one "
	      "of them leaves the other's name behind."),
	SCRUB("11", MAJOR, "updated", NULL, "A local file of the target is mapped wrongly.",
	      "Gives the file its fixed FID and maps it.",
	      "A file in the root of the target has a FID that Lustre fixes by its name, and the "
	      "LMA or the index has another. It happens when the root directory was restored by "
	      "hand. The target may refuse to mount, or start without its configuration or its "
	      "last_rcvd."),
	SCRUB("12", MAJOR, NULL, NULL, "An index file is damaged.",
	      "None: the server restores it from its backup, or the OI from the inodes, at mount.",
	      "The tree of an index file is damaged, so that its records cannot be walked in full. "
	      "Lost or torn writes do this. What it held beyond the damage counts as unknown, not "
	      "as absent; the target cannot use those records either."),
	SCRUB("13", MAJOR, NULL, NULL, "LAST_ID of a local sequence is below an id in use.",
	      "Raises it to the highest id seen, creating it if necessary.",
	      "LAST_ID of a sequence that the target uses for its own files is below an id in use, "
	      "or missing. A restore or a lost write does this. New log and quota objects would "
	      "get ids that exist: creating them fails, or two users share one object."),
	SCRUB("14", MAJOR, "updated", NULL, "OI files are missing or not a power of two in number.",
	      "Asks in OI_scrub for a rebuild from the inodes at the next mount.",
	      "Files of the object index are missing, or their number is not a power of two. The "
	      "sequence of a FID selects the file, so each must exist. All objects whose records "
	      "lay in a lost file cannot be reached by FID until the index is rebuilt."),
	SCRUB("15", MINOR, "updated", NULL, "The OI was written for another file system's UUID.",
	      "Asks in OI_scrub for a rebuild from the inodes at the next mount.",
	      "The object index was written for a file system with another UUID. The target was "
	      "copied file by file into a new file system, so inode numbers may have changed while "
	      "the index still has the old ones. Until it is rebuilt a FID may lead to a wrong "
	      "inode."),
	SCRUB("60", LOSS, NULL, "13.1 #8", "Two inodes carry the same FID.",
	      "Keeps the one that others support; a copy on an MDT gets a FID in lost+found.",
	      "Two inodes carry the same FID. One is a copy: a restore on top of live data, or an "
	      "LMA written to a wrong inode. Which of them clients see depends on the index record "
	      "alone, and the other's content is out of reach; the scrub of LFSCK decides by time "
	      "and size only."),
	SCRUB("61", MAJOR, NULL, "13.1 #7",
	      "The LMA is missing or wrong, and witnesses agree on it.",
	      "Writes the LMA with the FID of the majority.",
	      "The FID in the LMA is contradicted by the other witnesses: index, entries, "
	      "children, stripes and parent records agree on another one. The LMA was damaged, or "
	      "written to a wrong inode. LFSCK believes the LMA whatever contradicts it, and would "
	      "then rewrite or set aside everything that is right."),
	SCRUB("62", LOSS, NULL, "13.2 #20", "Two inodes map to the same IGIF.",
	      "None: a FID made of an inode number does not tell the copy; both are shown.",
	      "Two inodes without a FID of their own get the same IGIF, which is made of inode "
	      "number and generation. An LMA that was copied from another inode does this. Only "
	      "one of them can be reached by that FID, and a repair must not guess which."),
	SCRUB("63", MINOR, NULL, NULL, "The OI record lies in the wrong OI file.",
	      "Moves the record to the file that the sequence selects.",
	      "The record lies in another OI file than the one that the sequence of the FID "
	      "selects. A change of the number of OI files, or a copy, does this. The record is "
	      "whole, but no look-up goes to that file, so the object cannot be reached by FID."),
	LASTID("1", MAJOR, NULL, "LAST_ID of the sequence is missing.",
	       "Creates it with the highest id seen.",
	       "LAST_ID of a sequence is missing while objects of that sequence exist. The file "
	       "was lost or removed. The OST starts from zero and gives new files ids that are in "
	       "use, so that creation fails or two files share one object."),
	LASTID("2", MAJOR, NULL, "LAST_ID is below the id of an existing object.",
	       "Raises it to the highest id seen.",
	       "LAST_ID is below the id of an object that exists. A restored or rolled back OST, "
	       "or a lost write, does this. New files would be given objects that hold another "
	       "file's data."),
	LASTID("3", MAJOR, NULL, "LAST_ID is empty.", "Writes the highest id seen.",
	       "LAST_ID exists and is empty: it was created, but its content never reached the "
	       "disk. It means as much as a missing one, so the OST would hand out ids that are in "
	       "use."),
	LASTID("4", MAJOR, NULL, "LAST_ID is shorter than 8 bytes.", "Writes the highest id seen.",
	       "LAST_ID has fewer than the 8 bytes of an id. A write was torn. LFSCK gives the "
	       "sequence up and the OST cannot create objects in it, although the highest id in "
	       "use is known from the objects themselves."),
	LASTID("60", MAJOR, "13.1 #6", "lov_objid of an MDT is above LAST_ID of the OST.",
	       "None: the servers agree again when they reconnect.",
	       "The highest id that an MDT believes to have used is above LAST_ID of the OST. This "
	       "is so after restoring an OST from an older backup. The MDT may hold layouts with "
	       "objects that the OST never made or has lost, which dangle."),
	LASTID("61", MAJOR, "13.1 #6", "LAST_ID is beyond the range of its sequence.",
	       "None: Lustre may have promised ids up to it; the highest id seen is shown.",
	       "LAST_ID lies beyond the ids that its sequence has. A corrupt large value does "
	       "this, and nothing in Lustre lowers LAST_ID. The sequence counts as exhausted at "
	       "once, and ids are wasted."),
};

const struct rules_part rules_scrub = RULES_PART(table);
