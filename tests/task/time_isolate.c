/* SPDX-License-Identifier: MIT */
/* What isolation costs: the same evaluation called directly and in a child, medians; time_isolate. */
#include <evompi/child.h>

#include <math.h>
#include <stdlib.h>

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void evaluate_sphere(void *task, struct evo_batch *batch)
{
    (void)task;
    for (size_t i = 0; i < batch->n; i++) {
        const double *x = batch->parameters + i * batch->n_parameters;
        double sum = 0;
        for (size_t j = 0; j < batch->n_parameters; j++) { sum += x[j] * x[j]; }
        batch->results[i] = sum;
    }
}

static const struct evo_task_class sphere = {EVO_TASK_HEAD, .name = "sphere", .summary = "a sum of squares",
                                             .evaluate = evaluate_sphere};

static int make_sphere(const void *payload, size_t n, struct evo_isolate_made *made, char *message, size_t size)
{
    (void)payload, (void)n, (void)message, (void)size;
    *made = (struct evo_isolate_made){&sphere, NULL};
    return 0;
}

static int work_sphere(const void *payload, size_t n, const int *fds, size_t n_fds)
{
    return evo_isolate_serve(make_sphere, payload, n, fds, n_fds);
}

/* The median of many batches, in microseconds a candidate; directly where isolate is NULL. */
static double time_batch(struct evo_isolate *isolate, struct evo_batch *batch)
{
    enum { TIMES = 2001 };
    static double took[TIMES];
    for (int i = 0; i < TIMES; i++) {
        double begin = evo_clock_s();
        if (isolate == NULL) {
            evaluate_sphere(NULL, batch);
        } else if (evo_isolate_evaluate(isolate, batch) != EVO_OK) {
            return NAN;
        }
        took[i] = (evo_clock_s() - begin) * 1e6 / (double)batch->n;
    }
    qsort(took, TIMES, sizeof took[0], by_size);
    return took[TIMES / 2];
}

static int time_all(struct evo_spawner *spawner)
{
    static double parameters[1024 * 8], results[1024];
    static int32_t status[1024];
    char message[256] = "";
    struct evo_isolate_setup setup = {.spawner = spawner, .name = "sphere", .n_parameters = 8,
                                      .n_results = 1, .slice = 1, .timeout_s = 2, .output = -1};
    struct evo_isolate *isolate = NULL;
    if (evo_isolate_create(&setup, &isolate) != EVO_OK) { return 1; }
    for (size_t n = 1; n <= 1024; n *= 4) {
        struct evo_batch batch = {sizeof batch, 1, EVO_PURPOSE_SEARCH, n, 8, 1, 0, 1, parameters, results, status,
                                  message, sizeof message};
        double direct = time_batch(NULL, &batch), apart = time_batch(isolate, &batch);
        printf("%4zu candidates of 8 parameters: direct %.4f us, isolated %.4f us each\n", n, direct, apart);
    }
    evo_isolate_destroy(isolate);
    return 0;
}

int main(void)
{
    struct evo_spawner *spawner = NULL;
    evo_spawner_work *const works[] = {work_sphere};
    if (evo_spawner_create(works, 1, &spawner) != EVO_OK) { return 1; }
    int failed = time_all(spawner);
    evo_spawner_destroy(spawner);
    return failed;
}
