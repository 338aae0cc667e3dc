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
	    "No linkEA, no usable `..` and no name lead to it."),
	DIR("41", MINOR, "unknown_inconsistency", "The linkEA of the directory is corrupt.",
	    "Rebuilds it from the name that `..` leads to.", "`..` still tells the parent."),
	DIR("42", LOSS, "multiple_referenced_repaired", "The directory's only link is invalid.",
	    "Places it in lost+found, type D.",
	    "The linkEA names no directory that could hold it."),
	DIR("43", LOSS, "lost_dirent_repaired", "The parent of the directory is lost.",
	    "Recreates the parent with its FID in lost+found, type P, and adds the name.",
	    "Everything below the directory is out of reach."),
	DIR("44", LOSS, "linkea_repaired", "A shard lost its master and has no valid shard name.",
	    "Places it in lost+found, type S.", "Neither slot nor master can be told."),
	DIR("45", LOSS, "lost_dirent_repaired", "The name of the directory is lost.",
	    "Inserts the name into the parent.", "Everything below the directory is out of reach."),
	DIR("46", LOSS, "multiple_referenced_repaired",
	    "The directory's name leads to another object.",
	    "Repoints the name if its object is LFSCK-made and untouched, else lost+found, type D.",
	    "Two objects claim one name."),
	DIR("47", MAJOR, "unmatched_pairs_repaired", "`..` is not the parent of the directory.",
	    "Rewrites `..` from the linkEA.", "Paths upward lead to a wrong place."),
	DIR("48", MAJOR, "unknown_inconsistency", "`..` of the directory is missing or impossible.",
	    "Rewrites `..` from the confirmed link; LFSCK leaves it.",
	    "Paths upward fail although the name is right."),
	DIR("49", MAJOR, "linkea_repaired", "The directory has more than one link.",
	    "Keeps the link that `..` confirms and removes the other names.",
	    "A directory has one name; with two the tree is none."),
	DIR("50", LOSS, "multiple_referenced_repaired",
	    "None of the directory's links is confirmed.",
	    "Keeps a single remaining link, else lost+found, type D.",
	    "Several parents are named and none has the name."),
};

const struct rules_part rules_directory = RULES_PART(table);
