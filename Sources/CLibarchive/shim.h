#include <archive.h>
#include <archive_entry.h>
#include <spawn.h>
#include <sys/xattr.h>

/* The C library has these, but declares them only to programs that ask for all its extensions. */
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
int pipe2(int ends[2], int flags);
int syncfs(int descriptor);
int fallocate(int descriptor, int mode, long offset, long length);
int renameat2(int old_folder, const char *old_path, int new_folder, const char *new_path, unsigned int flags);
int sync_file_range(int descriptor, long offset, long count, unsigned int flags);
