/* SPDX-License-Identifier: MIT */
/* HDF5 files in memory: HDF5 never touches the disk, so no half-written file of its ever exists. */
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

enum evo_status evo_image_fail(enum evo_status status, const char *format, ...)
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

/* ---- memory that HDF5 writes into and reads from ---- */

/* The file grows inside our block, behind the head; nothing is allocated where it fits already. */
static void *grow(void *old, size_t size, H5FD_file_image_op_t operation, void *context)
{
    (void)old, (void)operation;
    struct evo_image *image = context;
    size_t needed = EVO_HEAD_BYTES + size;
    if (needed > image->capacity) {
        size_t wider = image->capacity + image->capacity / 2;
        size_t capacity = needed > wider ? needed : wider;
        char *block = realloc(image->block, capacity);
        if (block == NULL) {
            image->refused = capacity;
            return NULL;
        }
        image->block = block;
        image->capacity = capacity;
    }
    return image->block + EVO_HEAD_BYTES;
}

/* For reading: HDF5 asks for copies of the image several times over, and gets the image. */
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

/* HDF5 lets go of the memory, we keep it: when a written file is closed, this is where its bytes
 * would be lost. */
static herr_t keep(void *bytes, H5FD_file_image_op_t operation, void *context)
{
    (void)bytes, (void)operation, (void)context;
    return 0;
}

static void *same_context(void *context) { return context; }
static herr_t keep_context(void *context) { return context != NULL ? 0 : -1; }

/* How a file in memory is opened. H5Fget_file_image is no way to get at the bytes: with these
 * bounds, HDF5 1.10 clears the flags in the superblock and leaves its checksum as it was. */
static enum evo_status memory_access(size_t increment, H5FD_file_image_callbacks_t *callbacks,
                                     hid_t *out)
{
    enum evo_status status = EVO_OK;
    /* All files are closed by us. Where memory has run out HDF5's own end of the process can crash, and would
     * hide what went wrong. The first call of all says so; later ones change nothing. */
    (void)H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); // HDF5 is to hand its errors to us, not to print them
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    EVO_H5_GOTO(access, EVO_ERR_MEMORY, "HDF5 cannot be set up");
    EVO_H5_GOTO(H5Pset_fapl_core(access, increment, false), EVO_ERR_INTERNAL, "HDF5 core driver");
    EVO_H5_GOTO(H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110), EVO_ERR_INTERNAL,
                "HDF5 version bounds");
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

/* ---- writing ---- */

/* The property lists that all files share; made once. */
static enum evo_status make_lists(struct evo_image *image)
{
    enum evo_status status = EVO_OK;
    if (image->scalar > 0) { return EVO_OK; }
    const char *what = "HDF5 property lists";
    EVO_H5_GOTO(image->chunked = H5Pcreate(H5P_DATASET_CREATE), EVO_ERR_MEMORY, "%s", what);
    EVO_H5_GOTO(image->group = H5Pcreate(H5P_GROUP_CREATE), EVO_ERR_MEMORY, "%s", what);
    EVO_H5_GOTO(image->root = H5Pcreate(H5P_FILE_CREATE), EVO_ERR_MEMORY, "%s", what);

    /* No times: equal contents are equal bytes. No fill values: everything is written. */
    EVO_H5_GOTO(H5Pset_obj_track_times(image->chunked, false), EVO_ERR_INTERNAL, "%s", what);
    EVO_H5_GOTO(H5Pset_obj_track_times(image->group, false), EVO_ERR_INTERNAL, "%s", what);
    EVO_H5_GOTO(H5Pset_obj_track_times(image->root, false), EVO_ERR_INTERNAL, "%s", what);
    EVO_H5_GOTO(H5Pset_fill_time(image->chunked, H5D_FILL_TIME_NEVER), EVO_ERR_INTERNAL, "%s",
                what);
    EVO_H5_GOTO(image->plain = H5Pcopy(image->chunked), EVO_ERR_MEMORY, "%s", what);
    EVO_H5_GOTO(H5Pset_fletcher32(image->chunked), EVO_ERR_INTERNAL, "%s", what);

    /* Links stay in the group's header: beyond 8 HDF5 would build a heap and a tree for them. */
    enum { MOST_LINKS = 1024, NAME_BYTES = 16 };
    EVO_H5_GOTO(H5Pset_link_phase_change(image->group, MOST_LINKS, MOST_LINKS), EVO_ERR_INTERNAL,
                "%s", what);
    EVO_H5_GOTO(H5Pset_est_link_info(image->group, NAME_BYTES, NAME_BYTES), EVO_ERR_INTERNAL, "%s",
                what);
    EVO_H5_GOTO(image->scalar = H5Screate(H5S_SCALAR), EVO_ERR_MEMORY, "%s", what);
done:
    return status;
}

static void drop_file(struct evo_image *image)
{
    if (image->file > 0) { H5Fclose(image->file); }
    image->file = 0;
}

size_t evo_image_increment(size_t expected)
{
    enum { LEAST_INCREMENT = 1 << 16 };
    return LEAST_INCREMENT + expected / 8;
}

enum evo_status evo_image_begin(struct evo_image *image, size_t expected)
{
    enum evo_status status = EVO_OK;
    hid_t access = -1;
    char name[64];
    drop_file(image);
    image->refused = 0;
    H5FD_file_image_callbacks_t callbacks = {.image_realloc = grow,
                                             .image_free = keep,
                                             .udata_copy = same_context,
                                             .udata_free = keep_context,
                                             .udata = image};
    EVO_TRY(memory_access(evo_image_increment(expected), &callbacks, &access));
    EVO_GOTO(make_lists(image));
    hid_t file = H5Fcreate(name_image(name, image), H5F_ACC_TRUNC, image->root, access);
    EVO_H5_GOTO(file, EVO_ERR_MEMORY, "a file in memory cannot be made");
    image->file = file;
done:
    H5Pclose(access);
    return status;
}

/* The end of the file by its superblock (version 2 or 3): what lies behind it in the block is
 * the rest of the last increment. */
static uint64_t end_of_file(const unsigned char *superblock)
{
    enum { END_ADDRESS = 28 };
    uint64_t end = 0;
    for (int i = 7; i >= 0; i--) { end = end << 8 | superblock[END_ADDRESS + i]; }
    return end;
}

enum evo_status evo_image_end(struct evo_image *image, enum evo_head_kind kind, const char **bytes,
                              size_t *n)
{
    enum evo_status status = EVO_OK;
    hid_t file = image->file;
    image->file = 0;
    /* HDF5 may take a refusal for granted, and end a file that is not there. */
    herr_t closed = H5Fclose(file);
    EVO_CHECK_GOTO(image->refused == 0, EVO_ERR_MEMORY, "no memory for a file of %zu bytes",
                   image->refused);
    EVO_H5_GOTO(closed, EVO_ERR_MEMORY, "a file in memory cannot be finished");
    uint64_t end = end_of_file((const unsigned char *)image->block + EVO_HEAD_BYTES);
    EVO_CHECK_GOTO(end > 0 && end <= image->capacity - EVO_HEAD_BYTES, EVO_ERR_INTERNAL,
                   "HDF5 made a file of %llu bytes in a block of %zu", (unsigned long long)end,
                   image->capacity);
    *n = EVO_HEAD_BYTES + (size_t)end;
    evo_head_write(image->block, *n, kind);
    *bytes = image->block;
done:
    return status;
}

void evo_image_fini(struct evo_image *image)
{
    drop_file(image);
    if (image->chunked > 0) { H5Pclose(image->chunked); }
    if (image->plain > 0) { H5Pclose(image->plain); }
    if (image->group > 0) { H5Pclose(image->group); }
    if (image->root > 0) { H5Pclose(image->root); }
    if (image->scalar > 0) { H5Sclose(image->scalar); }
    free(image->block);
    *image = (struct evo_image){0};
}

/* ---- reading ---- */

enum evo_status evo_image_open(const char *path, char *file, size_t n, hid_t *out)
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
    EVO_TRY(memory_access(EVO_HEAD_BYTES, &callbacks, &access));
    EVO_H5_GOTO(H5Pset_file_image(access, body, n - EVO_HEAD_BYTES), EVO_ERR_MEMORY,
                "%s: cannot be given to HDF5", path);
    hid_t opened = H5Fopen(name_image(name, body), H5F_ACC_RDONLY, access);
    EVO_H5_GOTO(opened, EVO_ERR_CHECKPOINT, "%s: what follows its head is no HDF5 file", path);
    *out = opened;
done:
    H5Pclose(access);
    return status;
}
