/* SPDX-License-Identifier: MIT */
/* The HDF5 library, which reads files that are in memory: it never touches the disk. */
#include "parts.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- messages ---- */

static herr_t keep_innermost(unsigned n, const H5E_error2_t *error, void *text)
{
    if (n == 0) { snprintf(text, 256, "; HDF5: %s", error->desc != NULL ? error->desc : "?"); }
    return 0;
}

enum evo_status evo_library_fail(enum evo_status status, const char *format, ...)
{
    /* The stack first: any other HDF5 call would clear it. */
    char reason[256] = "", text[EVO_MESSAGE_MAX];
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, reason);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return evo_status_fail(status, "%s%s%s", text, status == EVO_ERR_MEMORY ? ": no memory" : "",
                           reason);
}

/* ---- memory that HDF5 reads from ---- */

/* HDF5 asks for copies of the image several times over, and gets the image. */
static void *lend(size_t size, H5FD_file_image_op_t operation, void *bytes)
{
    (void)size, (void)operation;
    return bytes;
}

static void *copy_nothing(void *to, const void *from, size_t size, H5FD_file_image_op_t operation,
                          void *context)
{
    (void)from, (void)size, (void)operation, (void)context;
    return to;
}

/* HDF5 lets go of the memory, its owner keeps it. */
static herr_t keep(void *bytes, H5FD_file_image_op_t operation, void *context)
{
    (void)bytes, (void)operation, (void)context;
    return 0;
}

static void *same_context(void *context) { return context; }
static herr_t keep_context(void *context) { return context != NULL ? 0 : -1; }

/* How a file in memory is opened. */
static enum evo_status memory_access(H5FD_file_image_callbacks_t *callbacks, hid_t *out)
{
    enum evo_status status = EVO_OK;
    /* All files are closed by us. Where memory has run out HDF5's own end of the process can crash, and would
     * hide what went wrong. The first call of all says so; later ones change nothing. */
    (void)H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); // HDF5 is to hand its errors to us, not to print them
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    EVO_H5_GOTO(access, EVO_ERR_MEMORY, "HDF5 cannot be set up");
    EVO_H5_GOTO(H5Pset_fapl_core(access, EVO_HEAD_BYTES, false), EVO_ERR_INTERNAL, "HDF5 core driver");
    EVO_H5_GOTO(H5Pset_fclose_degree(access, H5F_CLOSE_STRONG), EVO_ERR_INTERNAL, "HDF5 close");
    EVO_H5_GOTO(H5Pset_file_image_callbacks(access, callbacks), EVO_ERR_INTERNAL, "HDF5 image");
    *out = access;
    access = -1;
done:
    if (access >= 0) { H5Pclose(access); }
    return status;
}

/* Names tell HDF5's files in memory apart: of two with one name it would open the first twice. And
 * no file on disk may have the name: it would be taken for one that the image is to replace. */
static const char *name_image(char name[64], const void *owner)
{
    snprintf(name, 64, "/dev/null/evompi.%p", owner);
    return name;
}

/* ---- a file ---- */

enum evo_status evo_library_open(const char *path, char *file, size_t n, hid_t *out)
{
    enum evo_status status = EVO_OK;
    hid_t access = -1;
    char name[64], *body = file + EVO_HEAD_BYTES;
    H5FD_file_image_callbacks_t callbacks = {.image_malloc = lend,
                                             .image_memcpy = copy_nothing,
                                             .image_free = keep,
                                             .udata_copy = same_context,
                                             .udata_free = keep_context,
                                             .udata = body};
    EVO_TRY(memory_access(&callbacks, &access));
    EVO_H5_GOTO(H5Pset_file_image(access, body, n - EVO_HEAD_BYTES), EVO_ERR_MEMORY,
                "%s: cannot be given to HDF5", path);
    hid_t opened = H5Fopen(name_image(name, body), H5F_ACC_RDONLY, access);
    EVO_H5_GOTO(opened, EVO_ERR_CHECKPOINT, "%s: what follows its head is no HDF5 file", path);
    *out = opened;
done:
    H5Pclose(access);
    return status;
}
