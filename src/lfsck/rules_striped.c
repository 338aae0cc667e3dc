/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about striped directories (catalogue, section 7).
 */
#include "lfsck/rules_table.h"

#define STRIPED(num, sev, gate, counter, msg, repair, text)                                        \
	{                                                                                          \
		"STR-" num, HS_RULE_STRIPED, HS_RULE_##sev, gate, counter, NULL, msg, repair, text \
	}

static const struct hs_rule table[] = {
	STRIPED("1", MINOR, 0, "striped_dirs_repaired", "The master LMV names another MDT.",
		"Sets the index of the MDT that holds the master.", "Migration would go wrong."),
	STRIPED("2", MAJOR, 0, "striped_dirs_repaired",
		"The stripe count does not cover the shards.",
		"Raises it to the highest shard index and one.",
		"Names in shards beyond the count cannot be looked up."),
	STRIPED("3", MAJOR, 0, "striped_dirs_repaired",
		"The hash type of the directory is invalid.",
		"Takes the type of the first valid shard.", "Look-ups cannot choose a shard."),
	STRIPED("4", LOSS, 0, "striped_dirs_repaired", "The striped directory lost its master LMV.",
		"Regenerates it from the shards.",
		"Clients see the shards as subdirectories instead of the names in them."),
	STRIPED("5", MAJOR, 0, "striped_shards_repaired", "A shard lost its LMV.",
		"Writes it with the index of its name.",
		"The shard is taken for a plain directory."),
	STRIPED("6", MAJOR, 0, "striped_shards_repaired",
		"Shard LMV and shard name give two indexes.",
		"Corrects the one that the linkEA contradicts.",
		"Names are sought in the wrong shard."),
	STRIPED("7", MAJOR, 0, "striped_shards_repaired",
		"Count or hash of a shard are not the master's.",
		"Rewrites the shard LMV from the master.", "The shard judges its names wrongly."),
	STRIPED("8", MAJOR, 0, "dirent_repaired", "Two shards have one index.",
		"Keeps the one whose LMV matches its name.", "Half the names are out of reach."),
	STRIPED("9", LOSS, 'C', "dangling_repaired", "A shard does not exist.",
		"With -C creates an empty shard.", "The names that hash to it are lost."),
	STRIPED("10", MAJOR, 0, "dirent_repaired", "An entry of the master is no shard name.",
		"Moves the entry to the shard it hashes to.", "No look-up reaches the name."),
	STRIPED("11", MINOR, 0, "bad_file_type_repaired",
		"A shard's entry is not of type directory.", "Rewrites the type.",
		"Servers refuse the shard."),
	STRIPED("12", MINOR, 0, "linkea_repaired",
		"The linkEA of a shard is not its master and name.", "Rebuilds the linkEA.",
		"Paths through the shard cannot be given."),
	STRIPED("13", MAJOR, 0, "name_hash_repaired", "A name lies in a shard of uncertain LMV.",
		"Judged as NS-15 once the LMV is settled.", "See NS-15."),
	STRIPED("14", UNDECIDED, 0, "striped_dirs_failed", "Not all shards could be read.", "None.",
		"What an unread shard would say is unknown, so nothing is concluded."),
};

const struct rules_part rules_striped = RULES_PART(table);
