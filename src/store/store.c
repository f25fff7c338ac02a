/* SPDX-License-Identifier: MIT */
/* A run folder open for writing: snapshots are handed to a thread, which alone touches HDF5. */
#include "parts.h"

#include <errno.h>
#include <hdf5.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

struct evo_store {
    char *folder;
    int lock;
    pthread_t writer;
    bool has_writer;

    pthread_mutex_t mutex; // guards what follows, up to the blank line
    pthread_cond_t changed;
    bool busy; // a snapshot is there to be written; until it is, it belongs to the writer
    bool quit;
    enum evo_status failure; // of the first write that failed, with its message
    char message[EVO_MESSAGE_MAX];
    uint64_t saved;
    double seconds;

    struct evo_arena arena; // holds the snapshot
    struct evo_snapshot snapshot;
    struct evo_save save;
};

/* ---- the writer thread ---- */

/* Waits for a snapshot; false when there will be none. */
static bool await_snapshot(struct evo_store *store)
{
    pthread_mutex_lock(&store->mutex);
    while (!store->busy && !store->quit) { pthread_cond_wait(&store->changed, &store->mutex); }
    bool busy = store->busy;
    pthread_mutex_unlock(&store->mutex);
    return busy;
}

static void report(struct evo_store *store, enum evo_status status, double seconds)
{
    pthread_mutex_lock(&store->mutex);
    store->busy = false;
    store->seconds = seconds;
    if (status == EVO_OK) {
        store->saved = store->snapshot.generation;
    } else {
        store->failure = status;
        snprintf(store->message, sizeof store->message, "generation %llu cannot be saved: %s",
                 (unsigned long long)store->snapshot.generation, evo_status_message());
    }
    pthread_cond_broadcast(&store->changed);
    pthread_mutex_unlock(&store->mutex);
}

static void *run_writer(void *context)
{
    struct evo_store *store = context;
    evo_thread_unbind(); // else it would share a core with the evaluation
    while (await_snapshot(store)) {
        double start = evo_clock_s();
        enum evo_status status = evo_lock_check(store->folder, store->lock);
        if (status == EVO_OK) { status = evo_save_snapshot(&store->save, &store->snapshot); }
        report(store, status, evo_clock_s() - start);
    }
    evo_image_fini(&store->save.image);
    return NULL;
}

/* Signals are the main thread's: a write must not be torn by one, and SIGXFSZ must come back as
 * an error of write(), not as the end of the job. */
static enum evo_status start_writer(struct evo_store *store)
{
    sigset_t all, before;
    sigfillset(&all);
    int failed = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (failed == 0) {
        failed = pthread_create(&store->writer, NULL, run_writer, store);
        store->has_writer = failed == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    EVO_CHECK(failed == 0, EVO_ERR_MEMORY, "the thread that writes checkpoints cannot start: %s",
              strerror(failed));
    return EVO_OK;
}

static void stop_writer(struct evo_store *store)
{
    pthread_mutex_lock(&store->mutex);
    store->quit = true;
    pthread_cond_broadcast(&store->changed);
    pthread_mutex_unlock(&store->mutex);
    if (store->has_writer) { pthread_join(store->writer, NULL); }
}

/* ---- opening and closing ---- */

static enum evo_status draw_run(uint64_t *run)
{
    ssize_t n = getrandom(run, sizeof *run, 0);
    EVO_CHECK(n == (ssize_t)sizeof *run, EVO_ERR_IO, "a run's number cannot be drawn: %s",
              strerror(errno));
    return EVO_OK;
}

static void destroy(struct evo_store *store)
{
    if (store == NULL) { return; }
    stop_writer(store);
    if (store->lock >= 0) { close(store->lock); }
    pthread_cond_destroy(&store->changed);
    pthread_mutex_destroy(&store->mutex);
    evo_arena_fini(&store->arena);
    free(store->folder);
    free(store);
}

enum evo_status evo_store_open(const char *folder, bool durable, struct evo_store **out)
{
    enum evo_status status = EVO_OK;
    struct evo_store *store = NULL;
    EVO_TRY(evo_alloc(1, sizeof *store, "store", &store));
    store->lock = -1;
    pthread_mutex_init(&store->mutex, NULL);
    pthread_cond_init(&store->changed, NULL);

    EVO_GOTO(evo_text_format(&store->folder, "%s", folder));
    EVO_GOTO(evo_file_make_folder(folder));
    EVO_GOTO(evo_lock_take(folder, &store->lock));
    EVO_GOTO(evo_folder_tidy(folder));
    store->save = (struct evo_save){
        .folder = store->folder, .durable = durable, .begins = true, .marked = true};
    EVO_GOTO(draw_run(&store->save.run));
    EVO_GOTO(start_writer(store));
    *out = store;
    store = NULL;
done:
    destroy(store);
    return status;
}

/* Passes on the failure of a write, which happened in the other thread. */
static enum evo_status failure_of(struct evo_store *store)
{
    if (store->failure == EVO_OK) { return EVO_OK; }
    return evo_status_fail(store->failure, "%s", store->message);
}

enum evo_status evo_store_close(struct evo_store *store)
{
    if (store == NULL) { return EVO_OK; }
    enum evo_status status = evo_store_drain(store);
    destroy(store);
    return status;
}

void evo_store_adopt(struct evo_store *store, const struct evo_checkpoint *checkpoint)
{
    store->save.run = evo_checkpoint_run(checkpoint);
    store->save.begins = false;
}

enum evo_status evo_store_clear(struct evo_store *store)
{
    EVO_TRY(evo_store_drain(store));
    store->save.texts = 0;
    store->save.own = false;
    store->save.begins = store->save.marked = true;
    return evo_folder_clear(store->folder);
}

/* ---- snapshots ---- */

enum evo_status evo_store_drain(struct evo_store *store)
{
    pthread_mutex_lock(&store->mutex);
    while (store->busy) { pthread_cond_wait(&store->changed, &store->mutex); }
    enum evo_status status = failure_of(store);
    pthread_mutex_unlock(&store->mutex);
    return status;
}

enum evo_status evo_store_submit(struct evo_store *store, const struct evo_snapshot *snapshot)
{
    /* After this the writer sleeps, and the snapshot and its memory are ours. */
    EVO_TRY(evo_store_drain(store));
    evo_arena_reset(&store->arena);
    EVO_TRY(evo_snapshot_copy(&store->arena, snapshot, &store->snapshot));
    for (size_t i = 0; i < snapshot->n_ledgers; i++) {
        evo_table_drop(snapshot->ledgers[i], evo_segment_sealed(snapshot->ledgers[i]));
    }

    pthread_mutex_lock(&store->mutex);
    store->busy = true;
    pthread_cond_broadcast(&store->changed);
    pthread_mutex_unlock(&store->mutex);
    return EVO_OK;
}

enum evo_status evo_store_complete(struct evo_store *store, const struct evo_store_text *text)
{
    EVO_TRY(evo_store_drain(store));
    return evo_save_complete(&store->save, text);
}

void evo_store_retry(struct evo_store *store)
{
    pthread_mutex_lock(&store->mutex);
    if (!store->busy && store->failure != EVO_OK) {
        store->failure = EVO_OK;
        store->busy = true;
        pthread_cond_broadcast(&store->changed);
    }
    pthread_mutex_unlock(&store->mutex);
}

enum evo_status evo_store_saved(struct evo_store *store, uint64_t *generation, bool *busy,
                                double *seconds)
{
    pthread_mutex_lock(&store->mutex);
    if (generation != NULL) { *generation = store->saved; }
    if (busy != NULL) { *busy = store->busy; }
    if (seconds != NULL) { *seconds = store->seconds; }
    enum evo_status status = failure_of(store);
    pthread_mutex_unlock(&store->mutex);
    return status;
}

const char *evo_store_library(void)
{
    /* What was compiled against; HDF5 itself stops a program that finds another at run time. */
    return H5_VERS_INFO;
}
