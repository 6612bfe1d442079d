/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "expect.h"

#include <stdlib.h>

/* The line of `text` that holds only the carets of the first marked line, or NULL. */
static const char *caret_line(const char *text, char *buffer, size_t size) {
    for (const char *line = text; *line != '\0';) {
        const char *end = strchr(line, '\n');
        const size_t length = end != NULL ? (size_t)(end - line) : strlen(line);
        if (memchr(line, '^', length) != NULL && memchr(line, '|', length) != NULL && length < size) {
            memcpy(buffer, line, length);
            buffer[length] = '\0';
            return buffer;
        }
        line += length + (end != NULL);
    }
    return NULL;
}

/* Compiles a wrong text and returns its error. */
static ej_error *wrong(const char *text, size_t length) {
    ej_kernel *k = NULL;
    ej_error *error = NULL;
    EXPECT(ej_engine_compile_n(NULL, text, length, NULL, &k, &error) != EJ_OK);
    EXPECT(k == NULL && error != NULL);
    return error;
}

static void test_places(void) {
    ej_error *error = wrong("1 +\n  \xc3\xbc * sinn(x)", 18);
    ej_diagnostic d = {0};
    d.struct_size = sizeof d;
    EXPECT(ej_error_count(error) >= 1);
    EXPECT_STATUS(ej_error_get(error, 0, &d), EJ_OK);
    EXPECT(d.status == EJ_ERR_NAME && d.status == ej_error_status(error));
    EXPECT(d.code >= 1000 && d.message[0] != '\0' && d.hint != NULL);
    EXPECT(d.line == 2 && d.column == 7); /* in characters: the u with dots is one */
    EXPECT(d.begin == 11 && d.end == 15);
    EXPECT(strcmp(d.message, ej_error_message(error)) == 0);
    EXPECT(strstr(ej_error_render(error), "<expression>:2:7") != NULL);
    EXPECT_STATUS(ej_error_get(error, ej_error_count(error), &d), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_error_get(error, 0, NULL), EJ_ERR_INVALID_ARGUMENT);
    d.struct_size = 4;
    EXPECT_STATUS(ej_error_get(error, 0, &d), EJ_ERR_INVALID_ARGUMENT);
    ej_error_destroy(error);
}

static void test_several(void) {
    ej_error *error = wrong("sinn(x) + cosn(y)", 17);
    EXPECT(ej_error_count(error) == 2);
    ej_diagnostic first = {0}, second = {0};
    first.struct_size = second.struct_size = sizeof first;
    EXPECT_STATUS(ej_error_get(error, 0, &first), EJ_OK);
    EXPECT_STATUS(ej_error_get(error, 1, &second), EJ_OK);
    EXPECT(first.begin < second.begin);
    ej_error_destroy(error);
}

static void test_carets(void) {
    char line[512];
    /* A tab is shown as four columns, a wide character takes two. */
    ej_error *error = wrong("\tsinn(1)", 8);
    EXPECT(caret_line(ej_error_render(error), line, sizeof line) != NULL);
    EXPECT(strcmp(line, "   |     ^^^^") == 0);
    ej_error_destroy(error);
    error = wrong("\xe6\xb0\xb4 + sinn(1)", 13);
    EXPECT(caret_line(ej_error_render(error), line, sizeof line) != NULL);
    EXPECT(strcmp(line, "   |      ^^^^") == 0);
    ej_error_destroy(error);

    /* Control characters do not reach the terminal. */
    error = wrong("\x1b[31m + sinn(1)", 15);
    EXPECT(strchr(ej_error_render(error), '\x1b') == NULL);
    ej_error_destroy(error);
    error = wrong("\xff\xfe + sinn(1)", 12);
    EXPECT(strchr(ej_error_render(error), '\xff') == NULL);
    ej_error_destroy(error);

    /* A line of 400,000 characters is cut to a window around the place. */
    const size_t length = 400000;
    char *text = malloc(length + 8);
    EXPECT(text != NULL);
    if (text == NULL) return;
    memset(text, ' ', length);
    memcpy(text + length / 2, "sinn(1)", 7);
    error = wrong(text, length);
    EXPECT(strlen(ej_error_render(error)) < 2000);
    EXPECT(strstr(ej_error_render(error), "sinn(1)") != NULL);
    EXPECT(caret_line(ej_error_render(error), line, sizeof line) != NULL);
    ej_error_destroy(error);
    free(text);
}

static void test_names(void) {
    ej_compile_options options = {0};
    options.struct_size = sizeof options;
    options.source_name = "formula.txt";
    ej_kernel *k = NULL;
    ej_error *error = NULL;
    EXPECT(ej_engine_compile(NULL, "1 +", &options, &k, &error) == EJ_ERR_SYNTAX);
    EXPECT(strstr(ej_error_render(error), "formula.txt:1:") != NULL);
    ej_error_destroy(error);
}

static void test_null_errors(void) {
    EXPECT(ej_error_status(NULL) == EJ_OK);
    EXPECT(strcmp(ej_error_message(NULL), "") == 0);
    EXPECT(strcmp(ej_error_render(NULL), "") == 0);
    EXPECT(ej_error_count(NULL) == 0);
    EXPECT(ej_error_row(NULL) == -1);
    ej_diagnostic d = {0};
    d.struct_size = sizeof d;
    EXPECT_STATUS(ej_error_get(NULL, 0, &d), EJ_ERR_INVALID_ARGUMENT);
    ej_error_destroy(NULL);
    /* A failure without an error wanted, and a stale pointer that success clears. */
    ej_kernel *k = NULL;
    EXPECT_STATUS(ej_engine_compile(NULL, "1 +", NULL, &k, NULL), EJ_ERR_SYNTAX);
    ej_error *stale = (ej_error *)(void *)&k;
    EXPECT_STATUS(ej_engine_compile(NULL, "1", NULL, &k, &stale), EJ_OK);
    EXPECT(stale == NULL);
    ej_kernel_release(k);
}

void test_errors(void) {
    test_places();
    test_several();
    test_carets();
    test_names();
    test_null_errors();
}
