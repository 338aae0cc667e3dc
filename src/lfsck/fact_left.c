/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a fact without its counterpart says, in words for an administrator.
 */
#include "lfsck/fact.h"

static const struct {
	const char *referring, *object;
} words[HS_FACT_TAGS] = {
	[HS_FACT_OI] = {"the object index has a record that no inode matches",
			"the object index lacks the record"},
	[HS_FACT_ONAME] = {"a name below O/ leads to another object",
			   "no name below O/ leads to the object"},
	[HS_FACT_NAME] = {"the linkEA lacks this entry", "no entry has this link of the linkEA"},
	[HS_FACT_TYPE] = {"nlink and type do not account for an entry",
			  "nlink counts an entry that is not there"},
	[HS_FACT_INO] = {"an entry leads to another inode", "no entry leads to the inode"},
	[HS_FACT_DOT] = {"`..` does not name the directory with the entry",
			 "`..` names a directory without the entry"},
	[HS_FACT_ADOT] = {"`..` of the agent does not name the directory with the entry",
			  "`..` of the agent names a directory without the entry"},
	[HS_FACT_RPD] = {"a name in REMOTE_PARENT_DIR leads to no such object",
			 "REMOTE_PARENT_DIR lacks the name"},
	[HS_FACT_LAY] = {"no parent record matches this stripe",
			 "no stripe matches the parent record"},
	[HS_FACT_COMP] = {"the parent record lacks the component of the layout",
			  "the layout lacks the component of the parent record"},
	[HS_FACT_OWN] = {"the object lacks the owner of its file",
			 "no file has the owner of the object"},
	[HS_FACT_PROJ] = {"the object lacks the project of its file",
			  "no file has the project of the object"},
	[HS_FACT_SHARD] = {"no shard matches this shard name", "no shard name matches the shard"},
	[HS_FACT_ENC] = {"the object of an encrypted file lacks the flag",
			 "the object is marked as encrypted, its file is not"},
	[HS_FACT_REF] = {"a stripe names the object", "no stripe names the object"},
};

const char *hs_fact_left_over(enum hs_fact_tag tag, bool referring)
{
	if (tag <= 0 || tag >= HS_FACT_TAGS)
		return "an unknown record";
	return referring ? words[tag].referring : words[tag].object;
}
