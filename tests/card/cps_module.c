/* A PKCS#11 module that makes SoftHSM's tokens behave like professional cards in a reader.

   SoftHSM has neither a PIN counter nor a reader. This module loads it, passes everything on, and adds what the
   Cryptolib CPS was seen to do: three tries and their flags, tokens that come and go, sessions that die with their
   token, CKM_RSA_PKCS as the only signature. The test tells what is in the reader through the directory named by
   CPS_READER:
     inserted      lines "LABEL NUMBER": the tokens inside; another NUMBER means taken out and put back
     tries-LABEL   tries left, one digit; kept here; 3 when absent
     no-pin        the card shows its contactless face
     reset         another program resets the card before the next signature: the login is lost            */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long ck_ulong;
typedef ck_ulong (*function)();

enum { INITIALIZE = 0, GET_FUNCTION_LIST = 3, GET_SLOT_LIST = 4, GET_TOKEN_INFO = 6, OPEN_SESSION = 12,
       GET_SESSION_INFO = 15, CLOSE_ALL_SESSIONS = 14, LOGIN = 18, LOGOUT = 19, GET_ATTRIBUTE_VALUE = 24,
       FIND_OBJECTS_INIT = 26, SIGN_INIT = 42, FUNCTIONS = 68 };
enum { OK = 0, MECHANISM_INVALID = 0x70, PIN_INCORRECT = 0xA0, PIN_LOCKED = 0xA4, TOKEN_NOT_PRESENT = 0xE0,
       USER_NOT_LOGGED_IN = 0x101, USER_PIN_NOT_INITIALIZED = 0x102, BUFFER_TOO_SMALL = 0x150 };
enum { COUNT_LOW = 0x10000, FINAL_TRY = 0x20000, LOCKED = 0x40000, CKM_RSA_PKCS = 1 };

struct token_info {
  char label[32], maker[32], model[16], serial[16];
  ck_ulong flags, sessions[4], max_pin, min_pin, memory[4];
  unsigned char versions[4], time[16];
};
struct session_info { ck_ulong slot, state, flags, error; };
struct function_list { unsigned char version[2]; function at[FUNCTIONS]; };

static struct function_list *hsm, own;

static struct { ck_ulong slot; int number; } seen[64];
static int count;
static char last[512];
/* Content of `inserted` when it was last looked at. */

static FILE *reader_file(const char *name, const char *mode) {
  char path[1024];
  const char *directory = getenv("CPS_READER");
  snprintf(path, sizeof path, "%s/%s", directory ? directory : "/nowhere", name);
  return fopen(path, mode);
}

static int reader_has(const char *name) {
  FILE *file = reader_file(name, "r");
  if (file) fclose(file);
  return file != NULL;
}

static int label_of(ck_ulong slot, char *label) {
  struct token_info info;
  if (hsm->at[GET_TOKEN_INFO](slot, &info) != OK) return 0;
  memcpy(label, info.label, 32);
  label[32] = 0;
  for (int end = 31; end >= 0 && label[end] == ' '; end--) label[end] = 0;
  return 1;
}

/* The NUMBER under which the slot's token is inserted; 0 when it is not. */
static int inserted(ck_ulong slot) {
  char label[33], line[64];
  int number = 0;
  FILE *file = label_of(slot, label) && *label ? reader_file("inserted", "r") : NULL;
  if (!file) return 0;
  while (!number && fscanf(file, "%63s %d", line, &number) == 2)
    if (strcmp(line, label)) number = 0;
  fclose(file);
  return number;
}

/* Sessions of a token that left since the last call die, and its login with them. */
static void look(void) {
  char now[sizeof last] = "";
  ck_ulong slots[64], total = 64;
  FILE *file = reader_file("inserted", "r");
  if (file) {
    now[fread(now, 1, sizeof now - 1, file)] = 0;
    fclose(file);
  }
  if (!strcmp(now, last)) return;
  strcpy(last, now);
  if (hsm->at[GET_SLOT_LIST](1, slots, &total) != OK) return;
  for (ck_ulong i = 0; i < total; i++) {
    int known = 0, number = inserted(slots[i]);
    while (known < count && seen[known].slot != slots[i]) known++;
    if (known == count && count < 64) seen[count++].slot = slots[i];
    if (seen[known].number != number) hsm->at[CLOSE_ALL_SESSIONS](slots[i]);
    seen[known].number = number;
  }
}

static int tries(const char *label, int change_to) {
  char name[64];
  int left = 3;
  snprintf(name, sizeof name, "tries-%s", label);
  FILE *file = reader_file(name, change_to < 0 ? "r" : "w");
  if (!file) return left;
  if (change_to < 0) { if (fscanf(file, "%d", &left) != 1) left = 3; }
  else fprintf(file, "%d", change_to);
  fclose(file);
  return left;
}

static ck_ulong get_slot_list(unsigned char present, ck_ulong *list, ck_ulong *total) {
  ck_ulong slots[64], all = 64, found = 0;
  look();
  ck_ulong result = hsm->at[GET_SLOT_LIST](1, slots, &all);
  if (result != OK) return result;
  for (ck_ulong i = 0; i < all; i++)
    if (!present || inserted(slots[i])) slots[found++] = slots[i];
  if (list && *total < found) return BUFFER_TOO_SMALL;
  if (list) memcpy(list, slots, found * sizeof *list);
  *total = found;
  return OK;
}

static ck_ulong get_token_info(ck_ulong slot, struct token_info *info) {
  char label[33];
  look();
  if (!inserted(slot)) return TOKEN_NOT_PRESENT;
  ck_ulong result = hsm->at[GET_TOKEN_INFO](slot, info);
  if (result != OK || !label_of(slot, label)) return result;
  int left = tries(label, -1);
  info->flags &= ~(ck_ulong)(COUNT_LOW | FINAL_TRY | LOCKED);
  info->flags |= left == 0 ? LOCKED : left == 1 ? FINAL_TRY | COUNT_LOW : left == 2 ? COUNT_LOW : 0;
  info->min_pin = 4;
  info->max_pin = 8;
  return OK;
}

static ck_ulong open_session(ck_ulong slot, ck_ulong flags, void *application, void *notify, ck_ulong *session) {
  look();
  return inserted(slot) ? hsm->at[OPEN_SESSION](slot, flags, application, notify, session) : TOKEN_NOT_PRESENT;
}

static ck_ulong login(ck_ulong session, ck_ulong user, char *pin, ck_ulong length) {
  struct session_info info;
  char label[33];
  look();
  ck_ulong result = hsm->at[GET_SESSION_INFO](session, &info);
  if (result != OK || !label_of(info.slot, label)) return result;
  if (reader_has("no-pin")) return USER_PIN_NOT_INITIALIZED;
  int left = tries(label, -1);
  if (left == 0) return PIN_LOCKED;
  result = hsm->at[LOGIN](session, user, pin, length);
  if (result == OK) tries(label, 3);
  if (result != PIN_INCORRECT) return result;
  tries(label, left - 1);
  return left == 1 ? PIN_LOCKED : PIN_INCORRECT;
}

static ck_ulong sign_init(ck_ulong session, ck_ulong *mechanism, ck_ulong key) {
  look();
  if (reader_has("reset") && hsm->at[LOGOUT](session) == OK) return USER_NOT_LOGGED_IN;
  return *mechanism == CKM_RSA_PKCS ? hsm->at[SIGN_INIT](session, mechanism, key) : MECHANISM_INVALID;
}

static ck_ulong find_objects_init(ck_ulong session, void *template, ck_ulong size) {
  look();
  return hsm->at[FIND_OBJECTS_INIT](session, template, size);
}

static ck_ulong get_attribute_value(ck_ulong session, ck_ulong object, void *template, ck_ulong size) {
  look();
  return hsm->at[GET_ATTRIBUTE_VALUE](session, object, template, size);
}

static ck_ulong initialize(void *arguments) {
  count = last[0] = 0;
  return hsm->at[INITIALIZE](arguments);
}

ck_ulong C_GetFunctionList(struct function_list **list) {
  void *library = dlopen(SOFTHSM, RTLD_NOW);
  function get = library ? (function)dlsym(library, "C_GetFunctionList") : NULL;
  if (!get || get(&hsm) != OK) return 6; /* CKR_FUNCTION_FAILED */
  own = *hsm;
  own.at[INITIALIZE] = (function)initialize;
  own.at[GET_FUNCTION_LIST] = (function)C_GetFunctionList;
  own.at[GET_SLOT_LIST] = (function)get_slot_list;
  own.at[GET_TOKEN_INFO] = (function)get_token_info;
  own.at[OPEN_SESSION] = (function)open_session;
  own.at[LOGIN] = (function)login;
  own.at[FIND_OBJECTS_INIT] = (function)find_objects_init;
  own.at[GET_ATTRIBUTE_VALUE] = (function)get_attribute_value;
  own.at[SIGN_INIT] = (function)sign_init;
  *list = &own;
  return OK;
}
