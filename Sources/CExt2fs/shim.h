#include <ext2fs/ext2fs.h>
#include <et/com_err.h>

/* The library's table of functions for files, which Swift can't see as a constant. */
static inline io_manager ruche_unix_io_manager(void) { return unix_io_manager; }
