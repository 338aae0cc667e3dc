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
		"Sets the index of the MDT that holds the master.",
		"The LMV EA of the striped directory's master says that it lies on another MDT. It "
		"was copied or damaged. Access works, but migrating or restriping the directory "
		"would go to a wrong MDT."),
	STRIPED("2", MAJOR, 0, "striped_dirs_repaired",
		"The stripe count does not cover the shards.",
		"Raises it to the highest shard index and one.",
		"The stripe count of the striped directory is smaller than its shards demand, or "
		"above the maximum. The LMV EA was damaged, or a split stopped half-way. Names in "
		"shards beyond the count cannot be looked up, although they are whole."),
	STRIPED("3", MAJOR, 0, "striped_dirs_repaired",
		"The hash type of the directory is invalid.",
		"Takes the type of the first valid shard.",
		"The hash type of the striped directory is none that Lustre has, or its LMV EA is "
		"no LMV at all. The attribute was damaged. Clients cannot tell which shard a name "
		"belongs to, so look-ups and creation fail."),
	STRIPED("4", LOSS, 0, "striped_dirs_repaired", "The striped directory lost its master LMV.",
		"Regenerates it from the shards.",
		"The striped directory has shards but no LMV EA of its own. The attribute was "
		"lost. Clients see the shards as subdirectories instead of the names in them; new "
		"files would mix with the shard names."),
	STRIPED("5", MAJOR, 0, "striped_shards_repaired", "A shard lost its LMV.",
		"Writes it with the index of its name.",
		"A shard of the striped directory is missing or has no LMV EA. The attribute or "
		"the shard was lost. The shard is taken for a plain directory, and what belongs in "
		"it is not checked."),
	STRIPED("6", MAJOR, 0, "striped_shards_repaired",
		"Shard LMV and shard name give two indexes.",
		"Corrects the one that the linkEA contradicts.",
		"The shard's own LMV EA and the name under which the master holds it give two "
		"indexes. One of them was damaged; the linkEA of the shard tells which. Names that "
		"hash to it are sought in the wrong shard and not found."),
	STRIPED("7", MAJOR, 0, "striped_shards_repaired",
		"Count or hash of a shard are not the master's.",
		"Rewrites the shard LMV from the master.",
		"Stripe count or hash type in the shard's LMV EA are not the master's. An update "
		"reached the master and not the shard. The shard judges its names wrongly, and a "
		"rebuild of the master from its shards would go wrong."),
	STRIPED("8", MAJOR, 0, "dirent_repaired", "Two shards have one index.",
		"Keeps the one whose LMV matches its name.",
		"Two shards of the directory have the same index. A shard name was damaged, or a "
		"repair added one. Only one of them is used: half of the names are out of reach, "
		"and new ones may be created twice."),
	STRIPED("9", LOSS, 'C', "dangling_repaired", "A shard does not exist.",
		"With -C creates an empty shard.",
		"The master names a shard that does not exist. Its inode was lost, with all "
		"entries in it. Names that hash to it are gone; the objects they led to appear as "
		"NS-27, and can be given back by their linkEA."),
	STRIPED("10", MAJOR, 0, "dirent_repaired", "An entry of the master is no shard name.",
		"Moves the entry to the shard it hashes to.",
		"The master of a striped directory holds an entry that is no shard name. It was "
		"made while the master had lost its LMV EA, or is a damaged shard name. No look-up "
		"comes there, so the object behind it is out of reach by that name."),
	STRIPED("11", MINOR, 0, "bad_file_type_repaired",
		"A shard's entry is not of type directory.", "Rewrites the type.",
		"The entry of a shard does not say that it is a directory. The entry was damaged. "
		"Servers refuse the shard, and with it all names that hash there."),
	STRIPED("12", MINOR, 0, "linkea_repaired",
		"The linkEA of a shard is not its master and name.", "Rebuilds the linkEA.",
		"The linkEA of a shard does not name its master and its shard name. The attribute "
		"was lost or damaged. Access works; paths through this shard cannot be given, and "
		"a lost shard name cannot be restored."),
	STRIPED("13", MAJOR, 0, "name_hash_repaired", "A name lies in a shard of uncertain LMV.",
		"Judged as NS-15 once the LMV is settled.",
		"A name lies in a shard whose own LMV EA is in doubt, or in a directory whose "
		"layout is being changed. What shard it belongs to can only be told once that is "
		"settled. It is judged as NS-15 then; nothing is changed before."),
	STRIPED("14", UNDECIDED, 0, "striped_dirs_failed", "Not all shards could be read.",
		"None: what an unread shard says is not known.",
		"Not all shards of the directory could be read. A target is absent or damaged. "
		"What an unread shard would say is unknown, so nothing is concluded about count, "
		"hash and names of the directory."),
};

const struct rules_part rules_striped = RULES_PART(table);
