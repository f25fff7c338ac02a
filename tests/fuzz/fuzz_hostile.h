/* SPDX-License-Identifier: MIT */
/* HDF5 files that HDF5 itself made, so whole in every sum, but with the wrong things in them. */
#ifndef FUZZ_HOSTILE_H
#define FUZZ_HOSTILE_H

#include "fuzz_store.h"

/// The input, taken byte by byte; behind its end there are zeros, which mean: as evompi does it.
struct feed {
    const uint8_t *bytes;
    size_t n;
    bool deviates; ///< some byte so far was not 0
};

static inline unsigned feed_take(struct feed *feed)
{
    if (feed->n == 0) { return 0; }
    feed->n--;
    feed->deviates = feed->deviates || *feed->bytes != 0;
    return *feed->bytes++;
}

/// Cell i of every data set that is written: no NaN as a double, and nothing that memory holds by
/// chance.
static inline uint64_t hostile_cell(size_t i) { return UINT64_C(0x4010000000000000) + 7 * i + 1; }

enum { HOSTILE_NAME_MAX = 300, HOSTILE_BYTES_MAX = 1 << 15, HOSTILE_TEXT_MAX = 60000 };

/// A name that may be unfit for a link.
static inline const char *hostile_name(char name[HOSTILE_NAME_MAX], const char *fit, unsigned how)
{
    static const char *const odd[] = {".",        "..", "ledger_", "ledger_ledger_",
                                      "\xff\xfe", " ",  "%s%n",    "a\nb"};
    memset(name, 'n', HOSTILE_NAME_MAX);
    switch (how % 12) {
    case 0: return fit;
    case 1: name[255] = '\0'; return name;
    case 2: name[256] = '\0'; return name;
    case 3: name[HOSTILE_NAME_MAX - 1] = '\0'; return name;
    default: return odd[how % 8];
    }
}

static inline hid_t hostile_text_type(size_t size)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, size);
    return type;
}

static inline hid_t hostile_compound(void)
{
    hid_t type = H5Tcreate(H5T_COMPOUND, 8);
    H5Tinsert(type, "x", 0, H5T_STD_U64LE);
    return type;
}

static inline hid_t hostile_enum(void)
{
    uint64_t one = 1;
    hid_t type = H5Tenum_create(H5T_STD_U64LE);
    H5Tenum_insert(type, "one", &one);
    return type;
}

/// A type, to be closed; `as_is` for 0.
static inline hid_t hostile_type(hid_t as_is, unsigned how, unsigned size)
{
    const hsize_t two = 2;
    hid_t type = -1;
    switch (how % 20) {
    case 1: return H5Tcopy(H5T_IEEE_F64LE);
    case 2: return H5Tcopy(H5T_STD_I64LE);
    case 3: return H5Tcopy(H5T_STD_U64LE);
    case 4: return H5Tcopy(H5T_IEEE_F64BE);
    case 5: return H5Tcopy(H5T_IEEE_F32LE);
    case 6: return H5Tcopy(H5T_STD_I32LE);
    case 7: return H5Tcopy(H5T_STD_U8LE);
    case 8: return H5Tcopy(H5T_STD_U64BE);
    case 9: return hostile_text_type(size + 1);
    case 10: return hostile_text_type(H5T_VARIABLE);
    case 11: return hostile_compound();
    case 12: return hostile_enum();
    case 13: return H5Tarray_create2(H5T_IEEE_F64LE, 1, &two);
    case 14: return H5Tcreate(H5T_OPAQUE, size + 1);
    case 15: return H5Tcopy(H5T_STD_REF_OBJ);
    case 16: return H5Tcopy(H5T_STD_B64LE);
    case 17: return H5Tvlen_create(H5T_IEEE_F64LE);
    case 18:
        type = H5Tcopy(H5T_STD_U64LE);
        H5Tset_precision(type, 1 + size % 63);
        return type;
    case 19:
        type = H5Tcopy(H5T_IEEE_F64LE);
        H5Tset_ebias(type, size);
        return type;
    default: return H5Tcopy(as_is);
    }
}

/// Whether plain bytes can be written as this type.
static inline bool hostile_is_plain(hid_t type)
{
    H5T_class_t class = H5Tget_class(type);
    return class != H5T_VLEN && class != H5T_REFERENCE && H5Tis_variable_str(type) <= 0;
}

/* ---- attributes ---- */

static inline hid_t hostile_space(unsigned how)
{
    const hsize_t sizes[][2] = {{1, 1}, {3, 1}, {0, 1}, {2, 2}};
    switch (how % 6) {
    case 0: return H5Screate(H5S_SCALAR);
    case 1: return H5Screate(H5S_NULL);
    default: return H5Screate_simple(1 + (int)(how % 2), sizes[how % 6 - 2], NULL);
    }
}

/// Makes an attribute of `value` (`bytes` of it); the feed may want it away, or another.
static inline void hostile_attribute(struct feed *feed, hid_t object, const char *name, hid_t as_is,
                                     const void *value, size_t bytes)
{
    static char data[2 * HOSTILE_TEXT_MAX];
    unsigned how = feed_take(feed), space_how = 0;
    hid_t type = -1;
    memset(data, 'x', sizeof data);
    memcpy(data, value, bytes);
    switch (how % 5) {
    case 1: return;
    case 2: type = hostile_type(as_is, feed_take(feed), feed_take(feed)); break;
    case 3: space_how = feed_take(feed); break;
    case 4: type = hostile_text_type(1 + (feed_take(feed) << 8) % HOSTILE_TEXT_MAX); break;
    default: break;
    }
    if (type < 0) { type = H5Tcopy(as_is); }
    hid_t space = hostile_space(space_how);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0 && hostile_is_plain(type)) { H5Awrite(attribute, type, data); }
    if (attribute >= 0) { H5Aclose(attribute); }
    H5Sclose(space);
    H5Tclose(type);
}

static inline void hostile_number(struct feed *feed, hid_t object, const char *name, uint64_t value)
{
    hostile_attribute(feed, object, name, H5T_STD_U64LE, &value, sizeof value);
}

static inline void hostile_text(struct feed *feed, hid_t object, const char *name, const char *text)
{
    hid_t type = hostile_text_type(strlen(text) + 1);
    hostile_attribute(feed, object, name, type, text, strlen(text) + 1);
    H5Tclose(type);
}

/* ---- links ---- */

/// What stands under a name instead of what should.
static inline void hostile_link(struct feed *feed, hid_t parent, const char *name)
{
    hid_t made = -1;
    switch (feed_take(feed) % 7) {
    case 0: H5Lcreate_soft("/other/count", parent, name, H5P_DEFAULT, H5P_DEFAULT); break;
    case 1: H5Lcreate_soft(".", parent, name, H5P_DEFAULT, H5P_DEFAULT); break;
    case 2: H5Lcreate_external("/dev/zero", "/", parent, name, H5P_DEFAULT, H5P_DEFAULT); break;
    case 3: H5Lcreate_hard(parent, "/", parent, name, H5P_DEFAULT, H5P_DEFAULT); break;
    case 4: H5Lcreate_hard(parent, "/other/count", parent, name, H5P_DEFAULT, H5P_DEFAULT); break;
    case 5:
        made = H5Tcopy(H5T_IEEE_F64LE);
        H5Tcommit2(parent, name, made, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        H5Tclose(made);
        break;
    default:
        made = H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        if (made >= 0) { H5Gclose(made); }
        break;
    }
}

/* ---- data sets ---- */

/// How one is made; what evompi does, until the feed says otherwise.
struct wish {
    char name_bytes[HOSTILE_NAME_MAX];
    const char *name;
    hid_t type;
    int rank;
    hsize_t size[4], most[4];
    unsigned layout, n_attributes;
    bool is_linked, is_written, has_end;
};

static inline void wish_shape(struct feed *feed, struct wish *wish)
{
    static const hsize_t sizes[] = {0, 1, 2, 3, 4, 5, 1000, UINT64_C(1) << 32, UINT64_C(1) << 61};
    wish->rank = (int)(feed_take(feed) % 4);
    for (int i = 0; i < wish->rank; i++) {
        wish->size[i] = wish->most[i] = sizes[feed_take(feed) % 9];
    }
}

/// Up to four deviations; false where nothing is to be made.
static inline bool wish_read(struct feed *feed, struct wish *wish)
{
    for (int i = 0; i < 4; i++) {
        hid_t type = wish->type;
        switch (feed_take(feed) % 10) {
        case 0: return true;
        case 1: return false;
        case 2:
            wish->type = hostile_type(type, feed_take(feed), feed_take(feed));
            H5Tclose(type);
            break;
        case 3: wish_shape(feed, wish); break;
        case 4: wish->layout = feed_take(feed); break;
        case 5: wish->most[0] = H5S_UNLIMITED; break;
        case 6: wish->is_written = false; break;
        case 7: wish->name = hostile_name(wish->name_bytes, wish->name, feed_take(feed)); break;
        case 8: wish->n_attributes = feed_take(feed) % 20; break;
        default:
            wish->is_linked = feed_take(feed) % 2 != 0;
            wish->has_end = false;
            break;
        }
    }
    return true;
}

static inline hid_t hostile_layout(const struct wish *wish)
{
    hsize_t chunk[4];
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    unsigned how = wish->layout % 10;
    size_t most = how == 5 ? 1 : how == 6 ? 3 : 1000;
    for (int i = 0; i < wish->rank; i++) {
        chunk[i] = wish->size[i] > most || wish->size[i] == 0 ? most : wish->size[i];
    }
    if (how == 7) { chunk[0] = 1001; }
    if (how == 1) { H5Pset_layout(list, H5D_COMPACT); }
    if (how == 2) { H5Pset_external(list, "/dev/zero", 0, H5F_UNLIMITED); }
    if (how <= 2 && (how > 0 || wish->size[0] == 0)) { return list; }
    if (wish->rank > 0) { H5Pset_chunk(list, wish->rank, chunk); }
    if (how == 3) { H5Pset_shuffle(list); }
    if (how == 4) { H5Pset_deflate(list, 1); }
    if (how != 8) { H5Pset_fletcher32(list); }
    if (how == 9) { H5Pset_chunk_opts(list, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS); }
    return list;
}

static inline void hostile_write(const struct wish *wish, hid_t set, hid_t space)
{
    static uint64_t data[HOSTILE_BYTES_MAX / sizeof(uint64_t)];
    hssize_t n = H5Sget_simple_extent_npoints(space);
    size_t size = H5Tget_size(wish->type);
    if (!wish->is_written || !hostile_is_plain(wish->type) || n <= 0 || size == 0 ||
        (size_t)n > sizeof data / size) {
        return;
    }
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) { data[i] = hostile_cell(i); }
    if (H5Tget_class(wish->type) == H5T_STRING) {
        memset(data, 't', size);
        if (wish->has_end) { ((char *)data)[size - 1] = '\0'; }
    }
    H5Dwrite(set, wish->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
}

static inline void hostile_make_set(struct feed *feed, hid_t parent, const struct wish *wish)
{
    hid_t layout = hostile_layout(wish);
    hid_t space = wish->rank > 0 ? H5Screate_simple(wish->rank, wish->size, wish->most)
                                 : H5Screate(wish->layout % 2 != 0 ? H5S_NULL : H5S_SCALAR);
    hid_t set = H5Dcreate2(parent, wish->name, wish->type, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    if (set >= 0) {
        hostile_write(wish, set, space);
        hostile_text(feed, set, "unit", "m");
        hostile_text(feed, set, "description", "one line");
        if (feed_take(feed) != 0) { hostile_number(feed, set, "varies", feed_take(feed)); }
        for (unsigned i = 0; i < wish->n_attributes; i++) {
            char name[] = {'a', (char)('a' + i), '\0'};
            hostile_number(feed, set, name, i);
        }
        H5Dclose(set);
    }
    if (space >= 0) { H5Sclose(space); }
    H5Pclose(layout);
}

/// A data set with (n_cols 0) or without a second dimension, text of n_rows bytes for `type` < 0.
static inline void hostile_set(struct feed *feed, hid_t parent, const char *name, hid_t type,
                               hsize_t n_rows, hsize_t n_cols)
{
    struct wish wish = {
        .name = name, .rank = n_cols > 0 ? 2 : 1, .is_written = true, .has_end = true};
    wish.type = type < 0 ? hostile_text_type((size_t)n_rows) : H5Tcopy(type);
    wish.size[0] = wish.most[0] = type < 0 ? 1 : n_rows;
    wish.size[1] = wish.most[1] = n_cols;
    if (wish_read(feed, &wish)) {
        if (wish.is_linked) {
            hostile_link(feed, parent, wish.name);
        } else {
            hostile_make_set(feed, parent, &wish);
        }
    }
    H5Tclose(wish.type);
}

#endif
