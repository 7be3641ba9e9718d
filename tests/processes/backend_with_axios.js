#!/usr/bin/env node
// An axios client with the interceptor that apps have (a 401, one refresh for everybody, each call
// replayed once) logs in, is refreshed, pulls and pushes against `landfall-sim backend`, once for
// each profile in schema/profiles, with the paths and bodies that the profile says.
//
// Usage: backend_with_axios.js <landfall-sim>, with axios where require finds it
//        (NODE_PATH=/usr/share/nodejs for Debian's). Exit code 77 when there is none.
"use strict";

const assert = require("assert");
const { spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");
const readline = require("readline");

const SKIPPED = 77;
const MINUTE_MS = 60_000;
const DEVICE = "axios";
const OPERATION = "01980000-0000-7000-8000-000000000002";
const PROFILES = path.join(__dirname, "..", "..", "schema", "profiles");
// What an app calls with its token; the first that a profile has.
const PROTECTED = ["pull", "dashboard", "approvals", "me", "permissions_by_role", "notifications"];

function loadAxios() {
  try {
    return require("axios");
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    console.log("skipped: axios is not installed (Debian's package is node-axios)");
    process.exit(SKIPPED);
  }
}

const axios = loadAxios();

// A template of a profile with its ${name}s filled in.
function fill(template, values) {
  if (typeof template === "string") {
    const variable = /^\$\{(\w+)\}$/.exec(template);
    return variable ? values[variable[1]] ?? "" : template;
  }
  if (template === null || typeof template !== "object") return template;
  if (Array.isArray(template)) return template.map((part) => fill(part, values));
  const filled = {};
  for (const [name, part] of Object.entries(template)) filled[name] = fill(part, values);
  return filled;
}

// What stands in a reply at "user.id".
function at(body, dotted) {
  return dotted.split(".").reduce((part, name) => (part ? part[name] : undefined), body);
}

// What an app of this profile knows of its server.
class Server {
  constructor(name) {
    this.name = name;
    this.profile = JSON.parse(fs.readFileSync(path.join(PROFILES, `${name}.json`), "utf8"));
    this.authPaths = ["login", "refresh"].map((each) => this.endpoint(each).path);
  }

  has(name) {
    return name in this.profile.endpoints;
  }

  endpoint(name) {
    assert(this.has(name), `${this.name} has no endpoint ${name}`);
    return this.profile.endpoints[name];
  }

  // As axios takes it.
  call(name, values) {
    const { method, path: url, body } = this.endpoint(name);
    return { method, url, data: body ? fill(body, values) : undefined };
  }

  pairIn(name, body) {
    const { access_token: access, refresh_token: refresh } = this.endpoint(name).reply;
    return { access: at(body, access), refresh: at(body, refresh) };
  }

  // Undefined: its calls name no organisation.
  organisationHeader() {
    const headers = Object.entries(this.profile.headers || {});
    return (headers.find(([, template]) => template === "${organisation}") || [])[0];
  }

  protectedCall() {
    const name = PROTECTED.find((each) => this.has(each));
    assert(name, `${this.name} has nothing that an app calls with its token`);
    if (name !== "pull") return this.call(name, {});
    const scope = this.profile.sync.scopes[0].name;
    return { method: "POST", url: this.endpoint(name).path,
      data: { device_id: DEVICE, scope, cursor: null, limit: 500 } };
  }

  // Operations go in batches, approvals among them.
  pushesApprovals() {
    return this.has("push") && this.has("pull") && "approval" in (this.profile.entities || {});
  }
}

// Runs `use` with a backend's first line; ends the backend with a signal and expects a clean exit.
async function withBackend(profile, flags, use) {
  const command = ["backend", "--profile", profile, "--port", "0", ...flags];
  const backend = spawn(process.argv[2], command, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve, reject) => {
    backend.on("error", reject);
    backend.on("exit", (code, signal) => resolve(signal || code));
  });
  try {
    const lines = readline.createInterface({ input: backend.stdout });
    const first = lines[Symbol.asyncIterator]().next();
    const { value, done } = await Promise.race([first, ended.then(() => ({ done: true }))]);
    assert(!done, `the backend ended with ${done && (await ended)} before its first line`);
    await use(JSON.parse(value));
  } finally {
    backend.kill("SIGTERM");
  }
  assert.strictEqual(await ended, 0, "exit code after a signal");
}

// What an app keeps of its session, and its one HTTP client.
class AppClient {
  constructor(server) {
    this.server = server;
    this.tokens = null;
    this.organisation = null; // the first of the user's, where the server has several
    this.refreshing = null;
    this.refreshes = 0;
    this.unauthorized = 0;
    this.http = axios.create({
      timeout: MINUTE_MS, proxy: false, headers: { "X-Device-Id": DEVICE } });
    this.http.interceptors.request.use((config) => this.authorize(config));
    this.http.interceptors.response.use(undefined, (error) => this.onError(error));
  }

  talkTo(origin) {
    this.http.defaults.baseURL = origin;
  }

  bearer() {
    return `Bearer ${this.tokens.access}`;
  }

  authorize(config) {
    if (this.tokens && !this.server.authPaths.includes(config.url)) {
      config.headers.Authorization = this.bearer();
      const header = this.server.organisationHeader();
      if (header) config.headers[header] = this.organisation;
    }
    return config;
  }

  async onError(error) {
    const request = error.config;
    const isUnauthorized = error.response && error.response.status === 401;
    const isAuth = this.server.authPaths.includes(request.url);
    if (!isUnauthorized || isAuth || request.isReplay) throw error;
    ++this.unauthorized;
    // A 401 to a token that was exchanged since is no reason for another refresh.
    if (request.headers.Authorization === this.bearer()) {
      this.refreshing = this.refreshing || this.refresh();
    }
    await this.refreshing;
    request.isReplay = true;
    return this.http.request(request);
  }

  async refresh() {
    try {
      ++this.refreshes;
      const answer = await this.http.request(this.server.call("refresh", {
        refresh_token: this.tokens.refresh, device_id: DEVICE }));
      this.tokens = this.server.pairIn("refresh", answer.data);
    } finally {
      this.refreshing = null;
    }
  }

  // False when the password was right and the server asks for more.
  async logIn(user) {
    const answer = await this.http.request(this.server.call("login", {
      email: user.user, password: user.password, remember_me: false, device_id: DEVICE,
      platform: "ANDROID" }));
    const pair = this.server.pairIn("login", answer.data);
    if (!pair.access) return false;
    assert(pair.refresh, `${this.server.name} gives no refresh token`);
    this.tokens = pair;
    const { organisations, organisation_id: id } = this.server.endpoint("login").reply;
    if (organisations) this.organisation = at(answer.data, organisations)[0][id];
    return true;
  }

  // What an app shows first.
  async read() {
    const answer = await this.http.request(this.server.protectedCall());
    return answer.data;
  }

  async pull() {
    return (await this.read()).changes;
  }

  async push(operation) {
    const answer = await this.http.post(this.server.endpoint("push").path, {
      device_id: DEVICE, operations: [operation] });
    assert.strictEqual(answer.data.results.length, 1);
    return answer.data.results[0];
  }
}

function approve(approval) {
  return {
    id: OPERATION, entity_type: "approval", entity_id: approval.entity_id, action: "approve",
    schema: 1, base_version: approval.row_version, created_at: "2026-01-01T08:00:00.000Z",
    payload: {} };
}

async function refusesAWrongPassword(app, user) {
  const wrong = app.logIn({ user: user.user, password: "nonsense" });
  await assert.rejects(wrong, (error) => error.response.status === 401);
  assert.strictEqual(app.refreshes, 0, "a login is no reason to refresh");
}

async function pushesAnApprovalTwice(app) {
  const approval = (await app.pull()).find((change) => change.entity_type === "approval");
  const first = await app.push(approve(approval));
  assert.strictEqual(first.status, "applied");
  assert.strictEqual(first.replayed || false, false);
  const second = await app.push(approve(approval));
  assert.strictEqual(second.status, "applied");
  assert.strictEqual(second.replayed, true);
  assert.deepStrictEqual(second.entity, first.entity);
  const approved = (await app.pull()).find((change) => change.entity_id === approval.entity_id);
  assert(!approved || approved.data.status === "approved");
  assert(!approved || approved.row_version === approval.row_version + 1);
}

// Sixteen minutes later the access token has expired: three calls at once get a 401 each, one
// refresh serves them all, and each is replayed once.
async function refreshesOnceForEverybody(app) {
  const old = app.tokens;
  const answers = await Promise.all([app.read(), app.read(), app.read()]);
  for (const answer of answers) assert(answer, "each of them is answered");
  assert(app.unauthorized >= 1, "the token had expired");
  assert.strictEqual(app.refreshes, 1);
  assert.notStrictEqual(app.tokens.access, old.access);
  assert.notStrictEqual(app.tokens.refresh, old.refresh);
}

// A second factor is a story of its own (its profile says with which call it goes on).
function mayAskForMore(server) {
  return Object.keys(server.profile.endpoints).some((name) => /otp|factor|verify/.test(name));
}

async function tellsItsStory(server, database) {
  const app = new AppClient(server);
  let isLoggedIn = false;
  await withBackend(server.name, database, async (hello) => {
    app.talkTo(hello.listening);
    await refusesAWrongPassword(app, hello.users[0]);
    isLoggedIn = await app.logIn(hello.users[0]);
    if (!isLoggedIn) return;
    if (server.pushesApprovals()) await pushesAnApprovalTwice(app);
    assert(await app.read());
    assert.strictEqual(app.unauthorized, 0);
  });
  if (!isLoggedIn) {
    assert(mayAskForMore(server), `${server.name}: a right password brings no tokens`);
    return console.log(`${server.name}: asks for a second factor, which axios has none of`);
  }
  // A clock that is sixteen minutes ahead: those since its epoch count twice.
  const epoch = Date.now() - 16 * MINUTE_MS;
  const later = [...database, "--speed", "2", "--epoch", String(epoch)];
  await withBackend(server.name, later, async (hello) => {
    app.talkTo(hello.listening);
    await refreshesOnceForEverybody(app);
    if (!server.pushesApprovals()) return;
    const again = await app.push(approve({ entity_id: OPERATION, row_version: 1 }));
    assert.strictEqual(again.error.code, "ID_REUSED");
  });
  console.log(`${server.name}: ${app.unauthorized} calls were refused, ${app.refreshes} refresh`);
}

async function main() {
  const names = fs.readdirSync(PROFILES).filter((file) => file.endsWith(".json"))
    .map((file) => path.basename(file, ".json")).sort();
  assert(names.includes("prokure"));
  for (const name of names) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "landfall-axios-"));
    try {
      await tellsItsStory(new Server(name), ["--db", path.join(folder, "backend.db")]);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }
  console.log(`ok: ${names.length} profiles`);
}

main().catch((error) => {
  console.error(error.response ? `${error}: ${JSON.stringify(error.response.data)}` : error);
  process.exitCode = 1;
});
