/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about the one place that a directory has (catalogue, 6.4).
 */
#include "lfsck/rules_table.h"

#define DIR(num, sev, counter, msg, repair, text)                                                  \
	{                                                                                          \
		"NS-" num, HS_RULE_NAMESPACE, HS_RULE_##sev, 0, counter, NULL, msg, repair, text   \
	}

static const struct hs_rule table[] = {
	DIR("40", LOSS, "multiple_referenced_repaired",
	    "Nothing tells where the directory belongs.", "Places it in lost+found, type D.",
	    "The directory has no linkEA, its `..` is of no use, and no name leads to it. Both "
	    "were lost with its parent's block. Everything below the directory is out of reach; it "
	    "goes to lost+found with all its content."),
	DIR("41", LOSS, "unknown_inconsistency",
	    "The linkEA of a directory without name is corrupt; only `..` tells its parent.",
	    "Removes the linkEA; the next run places the directory in lost+found, type D.",
	    "No entry names the directory and its linkEA is corrupt, while `..` still tells its "
	    "parent. Its name was lost and the attribute damaged. Everything below the directory "
	    "is out of reach. With a name left it would be NS-12."),
	DIR("42", LOSS, "multiple_referenced_repaired", "The directory's only link is invalid.",
	    "Places it in lost+found, type D.",
	    "The only link in the directory's linkEA leads to something that can hold no names. "
	    "The attribute was damaged. When no name leads to the directory either, everything "
	    "below it is out of reach."),
	DIR("43", LOSS, "lost_dirent_repaired", "The parent of the directory is lost.",
	    "Recreates the parent with its FID in lost+found, type P, and adds the name.",
	    "The directory that should hold this one does not exist. Its inode was lost. No path "
	    "leads to what lies below; a new directory of the lost FID, placed in lost+found, "
	    "gives the names back."),
	DIR("44", LOSS, "linkea_repaired", "A shard lost its master and has no valid shard name.",
	    "Places it in lost+found, type S.",
	    "A shard of a striped directory lost its master, and the name it is recorded under is "
	    "no shard name. Both were damaged. Neither the master nor the place among its shards "
	    "can be told, so the names in it are out of reach until it is put into lost+found."),
	DIR("45", LOSS, "lost_dirent_repaired", "The name of the directory is lost.",
	    "Inserts the name into the parent.",
	    "linkEA and `..` of the directory agree on where it belongs, but the parent lacks the "
	    "name. A directory block was lost, or e2fsck removed the entry. Everything below is "
	    "out of reach until the name is back."),
	DIR("46", LOSS, "multiple_referenced_repaired",
	    "The directory's name leads to another object.",
	    "Repoints the name if its object is LFSCK-made and untouched, else lost+found, type D.",
	    "The name that the directory should have leads to another object. The name was used "
	    "again after it had been lost, or a repair put an empty object in its place. Two "
	    "objects claim one name; what lies below the directory that lost it is out of reach."),
	DIR("47", MAJOR, "unmatched_pairs_repaired", "`..` is not the parent of the directory.",
	    "Rewrites `..` from the linkEA.",
	    "The directory's `.` or `..` is missing or leads elsewhere than to its parent, while "
	    "entry and linkEA agree. An interrupted rename or damage to the first block does this. "
	    "Paths upward lead to a wrong place: tools that climb, such as quota by directory and "
	    "exports, go wrong."),
	DIR("48", MAJOR, "unknown_inconsistency", "`..` of the directory is missing or impossible.",
	    "Rewrites `..` from the confirmed link; LFSCK leaves it.",
	    "The `..` of the directory is missing or holds what no directory can be, although the "
	    "name above is right. The first block was damaged. Paths upward fail; LFSCK counts it "
	    "and leaves it."),
	DIR("49", MAJOR, "linkea_repaired", "The directory has more than one link.",
	    "Keeps the link that `..` confirms and removes the other names.",
	    "The directory has more than one link: two names lead to it, or its linkEA lists "
	    "several. A rename that was carried out by halves does this. A directory has one name; "
	    "with two the tree has cycles or ends, and removing one breaks the other."),
	DIR("50", LOSS, "multiple_referenced_repaired",
	    "None of the directory's links is confirmed.",
	    "Keeps a single remaining link, else lost+found, type D.",
	    "Several links are recorded for the directory and none of the named directories has "
	    "the name. The attribute was damaged, or several directories were. Everything below is "
	    "out of reach."),
};

const struct rules_part rules_directory = RULES_PART(table);
