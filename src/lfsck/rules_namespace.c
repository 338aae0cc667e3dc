/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about entries, linkEA and link counts (catalogue, 6.1 to 6.3).
 */
#include "lfsck/rules_table.h"

#define NS(num, sev, gate, counter, cat, msg, repair, text)                                        \
	{                                                                                          \
		"NS-" num, HS_RULE_NAMESPACE, HS_RULE_##sev, gate, counter, cat, msg, repair, text \
	}

static const struct hs_rule table[] = {
	NS("1", MAJOR, 0, "dirent_repaired", NULL, "The FID in the entry is not the inode's.",
	   "Rewrites the FID in the entry.",
	   "The entry holds a FID beside the inode number, and the inode has another one. The "
	   "linkEA of the inode confirms the name, so the inode is right and the FID in the entry "
	   "is wrong: it was damaged or restored. Clients ask for the FID of the entry and get an "
	   "error or another object."),
	NS("2", MINOR, 0, "dirent_repaired", NULL, "The entry carries no FID.",
	   "Appends the FID of the inode.",
	   "The entry holds only an inode number, no FID. Entries written by old releases or by a "
	   "file-level restore are like this. Nothing is lost, but each look-up and each listing "
	   "must read the inode to learn the FID."),
	NS("3", MAJOR, 0, "dirent_repaired", NULL, "The LMA is missing, the entry has the FID.",
	   "Writes the LMA from the entry.",
	   "The inode has no usable LMA, while its entry holds its FID and nothing contradicts it. "
	   "The attribute was lost, as after a restore without extended attributes. The file works "
	   "by its entry, but neither the object index nor a linkEA can be rebuilt for it."),
	NS("4", MAJOR, 0, "dirent_repaired", NULL, "Neither entry nor inode has a FID.",
	   "On MDT0000 puts the IGIF into both; else none.",
	   "Neither the entry nor the inode says which FID the object has. It is an object from "
	   "before Lustre 2, or both were damaged. On MDT0000 it gets the FID made of inode number "
	   "and generation; elsewhere the object cannot be addressed."),
	NS("5", MAJOR, 0, NULL, NULL, "The entry's inode number leads to another object.",
	   "Corrects inode number or FID, whichever the other witnesses contradict.",
	   "The entry's inode number leads to an inode with another FID, and that inode does not "
	   "know the entry. The number or the FID in the entry was damaged. Clients follow the "
	   "FID, local tools the number; LFSCK keeps the FID and may then call the name dangling."),
	NS("6", MAJOR, 0, "dirent_repaired", NULL, "The FID in the entry is impossible.",
	   "Removes the entry, or rewrites the FID if the inode is confirmed.",
	   "The FID in the entry is one that no object can have. The entry was damaged. The name "
	   "cannot be opened or removed by clients; what it led to may still be found by its "
	   "linkEA."),
	NS("7", LOSS, 'C', "dangling_repaired", NULL,
	   "The name leads to an object that does not exist.",
	   "With -C creates an empty object with that FID; otherwise keeps the name.",
	   "The name leads to a FID that no inode carries. The inode was lost while its name "
	   "stayed, or the removal of the name was lost after the object had gone. Opening the "
	   "name fails; what the file's OST objects hold is still there and shows up as LAY-8."),
	NS("8", MINOR, 0, "dirent_repaired", NULL, "A dangling name lies in the wrong shard.",
	   "Removes the entry.",
	   "A name without object lies in a shard of the striped directory that it does not hash "
	   "to. It was left behind by an interrupted migration. No look-up comes there and there "
	   "is nothing behind it, but listings show it."),
	NS("9", MAJOR, 0, "bad_file_type_repaired", NULL,
	   "The type in the entry is not the inode's.", "Rewrites the type in the entry.",
	   "The type in the entry is not that of the inode, and the inode's linkEA confirms the "
	   "name. A bit of the entry was damaged. Listings show a file as a directory or the "
	   "reverse, and programs such as find and rm act on it."),
	NS("10", MAJOR, 0, "dirent_repaired", NULL, "The entry contradicts the object it names.",
	   "Removes the entry.",
	   "The entry contradicts the object that it names: type or place are wrong, and the "
	   "object's linkEA does not know it. A damaged or stale directory block does this. "
	   "Clients see an object under a name that is not its own; the object keeps its other "
	   "names."),
	NS("11", MINOR, 0, "linkea_repaired", NULL, "The object has no linkEA.",
	   "Writes a linkEA with the entries that name the object.",
	   "The object has no linkEA, which says the directory and the name it is found under. Old "
	   "releases did not write one, and a restore may lose it. Access works; but paths of the "
	   "object cannot be given, as in changelogs, and when its name is lost its place is lost "
	   "with it."),
	NS("12", MINOR, 0, "linkea_repaired", NULL, "The linkEA is corrupt.",
	   "Replaces it by one with the entries that name the object.",
	   "The linkEA of the object is not well formed: its header or its lengths are wrong. The "
	   "attribute was damaged. Nothing in it counts, so if the name is lost the object cannot "
	   "be put back where it was."),
	NS("13", MINOR, 0, "linkea_repaired", NULL, "The linkEA lacks this link.",
	   "Appends parent and name.",
	   "The name leads to the object, but the object's linkEA does not have this link. The "
	   "update of the linkEA was lost, or a link in it was overwritten. The name works; the "
	   "way back from the object to this name is missing, so the name cannot be restored when "
	   "it is lost."),
	NS("14", NOTE, 0, NULL, NULL, "The linkEA cannot hold all links.",
	   "None: what has no room is not recorded.",
	   "The object has more names than fit in a linkEA of 4096 bytes. Those beyond are not "
	   "recorded, which Lustre allows. Names that are not recorded cannot be restored when "
	   "their directory is damaged."),
	NS("15", MAJOR, 0, "name_hash_repaired", NULL, "The name does not hash to this shard.",
	   "Moves the entry to its shard.",
	   "The name lies in another shard of the striped directory than its hash selects. A bug "
	   "during migration, or a damaged hash type, does this. Listings show the name but no "
	   "look-up finds it, so the file cannot be opened; LFSCK leaves it there and forbids "
	   "creation in the whole directory."),
	NS("20", MINOR, 0, "linkea_repaired", NULL, "The linkEA has an invalid entry.",
	   "Removes the entry.",
	   "An entry of the linkEA has a parent FID or a length that cannot be. The attribute was "
	   "damaged in part. The link it stood for is not recorded any more, and tools that read "
	   "the linkEA stop there."),
	NS("21", MINOR, 0, "linkea_repaired", NULL, "The linkEA names one link twice.",
	   "Removes the repetition.",
	   "The linkEA names the same directory and name twice. A bug of an old release or a "
	   "repeated update does this. More links are counted than there are names, which hides a "
	   "link that is lost."),
	NS("22", MINOR, 0, "linkea_repaired", NULL, "A parent in the linkEA does not exist.",
	   "Removes the entry, as other links remain.",
	   "The linkEA names a directory that does not exist, while the object has other names. "
	   "The directory was removed or lost together with that name. Nothing else depends on it, "
	   "but paths given for the object may lead nowhere."),
	NS("23", LOSS, 0, "lost_dirent_repaired", NULL, "The only parent of the object is lost.",
	   "Recreates the directory with its FID in lost+found, type P, and adds the name.",
	   "The only directory that the object's linkEA names does not exist. The inode of the "
	   "directory was lost. No path leads to the object, and its data use space that no user "
	   "sees; a new directory of that FID brings the name back."),
	NS("24", MINOR, 0, "linkea_repaired", NULL, "A parent in the linkEA is no directory.",
	   "Removes the entry.",
	   "The linkEA names a parent that is no directory. The parent FID was damaged, or the "
	   "inode of the directory was. The link is useless, and a path through it cannot be "
	   "given."),
	NS("25", MAJOR, 0, "linkea_repaired", NULL,
	   "The name in the parent leads to another object.",
	   "Repoints the name if its object is LFSCK-made and untouched, else drops the link.",
	   "The linkEA names a directory and a name there, but that name leads to another object. "
	   "Either the name was used again after a lost update, or a repair put an empty object in "
	   "its place. Two objects claim one name, and only one of them can be reached by it."),
	NS("26", MINOR, 0, "linkea_repaired", NULL, "The linkEA names a link that was removed.",
	   "Removes the entry from the linkEA.",
	   "The linkEA names a link that the directory does not have, and the link count says as "
	   "well that the name is gone. The name was removed and the update of the linkEA was "
	   "lost. Access is not hindered; a repair that trusted the linkEA would bring a removed "
	   "name back."),
	NS("27", LOSS, 0, "lost_dirent_repaired", NULL, "A name of the object is lost.",
	   "Inserts the name into the parent.",
	   "linkEA and link count agree that the object has this name, but the directory lacks it. "
	   "A directory block was lost, or e2fsck removed the entry. A file with no other name is "
	   "out of reach with all its data until the name is back."),
	NS("28", LOSS, 0, "multiple_referenced_repaired", NULL,
	   "Nothing tells where the object belongs.", "Places it in lost+found, type O.",
	   "No name leads to the object and its linkEA names none that could be. Its directory "
	   "entry and its attribute were both lost. The object uses space that nobody can reach; "
	   "it goes to lost+found, where an administrator can tell by its content what it is."),
	NS("29", MAJOR, 0, "nlinks_repaired", NULL, "nlink is smaller than the number of names.",
	   "Raises nlink.",
	   "The link count of the object is smaller than the number of its names. A lost write or "
	   "a repair did this. When names are removed the count reaches zero too early: the object "
	   "is destroyed while names still lead to it."),
	NS("30", NOTE, 0, "linkea_overflow_cleared", NULL,
	   "The overflow mark of the linkEA is old.", "Clears the mark when all links fit again.",
	   "The linkEA is marked as having had no room for all names, although what it should hold "
	   "would fit. Names were removed since. While the mark stands, nothing is concluded from "
	   "links that the linkEA lacks, so lost names of this object are not found."),
	NS("31", MINOR, 0, "agent_entries_repaired", NULL,
	   "Agent entry or REMOTE_PARENT flag contradicts the linkEA.",
	   "Adds or removes the entry in REMOTE_PARENT_DIR and the flag.",
	   "An object whose parent is on another MDT has a local name in REMOTE_PARENT_DIR and a "
	   "flag that says so; name, flag and linkEA do not agree here. An interrupted operation "
	   "over two MDTs does this. Without the name e2fsck takes the object for an orphan; a "
	   "superfluous name keeps it alive."),
	NS("60", MINOR, 0, NULL, "13.1 #4", "nlink is larger than the number of names.",
	   "Lowers nlink.",
	   "The link count of the object is larger than the number of its names. A removal was "
	   "lost, or the inode was damaged. When the last name goes the object is never destroyed, "
	   "and its space is lost; LFSCK only ever raises the count."),
	NS("61", MINOR, 0, NULL, "13.1 #4",
	   "nlink of the directory is not 2 and its subdirectories.",
	   "Sets nlink to the count, or to 1 beyond the limit.",
	   "The link count of a directory is two and its subdirectories, or 1 when there are more "
	   "than can be counted. Lost updates and repairs of entries leave it wrong. Programs that "
	   "stop searching by the count miss subdirectories, and removing the directory may fail."),
	NS("62", MAJOR, 0, NULL, NULL, "Two entries of the directory have one name.",
	   "Keeps the entry that the object's linkEA confirms and renames the other.",
	   "Two entries of the directory have the same name. A lost block update or damage to the "
	   "name did this. Only the first can be opened; the other object is out of reach, and "
	   "removing the name brings it up instead."),
	NS("63", MAJOR, 0, NULL, NULL, "The entry lies in the wrong hash leaf.",
	   "Moves the entry to its leaf by rebuilding the hash index, as e2fsck -D does.",
	   "The hash index of the directory does not lead to the block in which the entry lies. An "
	   "entry that was added by hand or damage to the name or to an index block does this. "
	   "Listings show the name, but no look-up finds it, so the file cannot be opened or "
	   "removed."),
	NS("64", MINOR, 0, NULL, NULL, "The inode number in the entry is stale.",
	   "Rewrites the inode number.",
	   "The FID in the entry is right and the object index knows its inode, but the inode "
	   "number in the entry is another. A file-level restore or a moved inode does this. "
	   "Clients go by the FID and notice nothing; local tools and e2fsck go by the number."),
	NS("65", MINOR, 0, NULL, "13.2 #24", "A name in REMOTE_PARENT_DIR has no object.",
	   "Removes the name.",
	   "REMOTE_PARENT_DIR has a name for an object that is not there, or that is not a FID. "
	   "The object was removed or migrated and its local name stayed. Nothing is lost; the "
	   "name only puzzles e2fsck."),
	NS("66", MINOR, 0, NULL, "13.2 #24", "The agent inode stands for no remote object.",
	   "Removes the agent inode.",
	   "An agent inode stands in for an object of another MDT. This one is not empty, stands "
	   "for a local object, or holds another FID than its entry. An interrupted migration or "
	   "removal does this; it uses an inode and can mislead local tools."),
	NS("67", NOTE, 0, NULL, "13.2 #24", "PENDING holds an object that was open when unlinked.",
	   "None: the server destroys it when it mounts.",
	   "PENDING holds an object that was unlinked while it was open, or a name there is not "
	   "the FID of its inode. A crash leaves these behind. The server destroys them when it "
	   "mounts; nothing is lost."),
	NS("68", MAJOR, 0, NULL, "13.2 #24", "A removed directory still has an entry.",
	   "Gives the object behind the entry the place that its linkEA names, else lost+found.",
	   "A directory that waits in PENDING for its destruction was removed and must be empty, "
	   "but it has an entry that is not one of its shards. A crash amid the removal, or "
	   "damage, left it. When the server destroys the directory at the next mount, the entry "
	   "goes with it and the object behind it is out of reach."),
	NS("69", MAJOR, 0, NULL, NULL, "The hash index of the directory is damaged.",
	   "Rebuilds the hash index from the entries, as e2fsck -D does.",
	   "The tree of hashes that leads to the blocks of a large directory is damaged: a node, a "
	   "limit or a pointer is wrong. A torn write does this. The entries are whole and "
	   "listings show them, but look-ups miss names or report an error, so files cannot be "
	   "opened or created."),
};

const struct rules_part rules_namespace = RULES_PART(table);
