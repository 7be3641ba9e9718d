#!/usr/bin/env node
// An axios client with the interceptor that apps have (a 401, one refresh for everybody, each call
// replayed once) logs in, is refreshed, pulls and pushes against `landfall-sim backend`.
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
const AUTH_PATHS = ["/api/auth/login", "/api/mobile/auth/refresh"];

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

// Runs `use` with a backend's first line; ends the backend with a signal and expects a clean exit.
async function withBackend(flags, use) {
  const command = ["backend", "--profile", "prokure", "--port", "0", ...flags];
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
  constructor() {
    this.tokens = null;
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
    return `Bearer ${this.tokens.accessToken}`;
  }

  authorize(config) {
    if (this.tokens && !AUTH_PATHS.includes(config.url)) {
      config.headers.Authorization = this.bearer();
    }
    return config;
  }

  async onError(error) {
    const request = error.config;
    const isUnauthorized = error.response && error.response.status === 401;
    if (!isUnauthorized || AUTH_PATHS.includes(request.url) || request.isReplay) throw error;
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
      const answer = await this.http.post(AUTH_PATHS[1], {
        refreshToken: this.tokens.refreshToken, device_id: DEVICE });
      this.tokens = answer.data;
    } finally {
      this.refreshing = null;
    }
  }

  async logIn(user) {
    const answer = await this.http.post(AUTH_PATHS[0], {
      email: user.user, password: user.password, device_id: DEVICE, platform: "ANDROID" });
    this.tokens = answer.data;
  }

  async pull() {
    const answer = await this.http.post("/api/mobile/sync/pull", {
      device_id: DEVICE, scope: "tier1", cursor: null, limit: 500 });
    return answer.data.changes;
  }

  async push(operation) {
    const answer = await this.http.post("/api/mobile/sync/push", {
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
  const answers = await Promise.all([app.pull(), app.pull(), app.pull()]);
  for (const changes of answers) assert(changes.length > 0);
  assert(app.unauthorized >= 1, "the token had expired");
  assert.strictEqual(app.refreshes, 1);
  assert.notStrictEqual(app.tokens.accessToken, old.accessToken);
  assert.notStrictEqual(app.tokens.refreshToken, old.refreshToken);
}

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "landfall-axios-"));
  const database = ["--db", path.join(folder, "backend.db")];
  const app = new AppClient();
  try {
    await withBackend(database, async (hello) => {
      app.talkTo(hello.listening);
      await refusesAWrongPassword(app, hello.users[0]);
      await app.logIn(hello.users[0]);
      await pushesAnApprovalTwice(app);
      assert.strictEqual(app.unauthorized, 0);
    });
    // A clock that is sixteen minutes ahead: those since its epoch count twice.
    const epoch = Date.now() - 16 * MINUTE_MS;
    const later = [...database, "--speed", "2", "--epoch", String(epoch)];
    await withBackend(later, async (hello) => {
      app.talkTo(hello.listening);
      await refreshesOnceForEverybody(app);
      const again = await app.push(approve({ entity_id: OPERATION, row_version: 1 }));
      assert.strictEqual(again.error.code, "ID_REUSED");
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  console.log(`ok: ${app.unauthorized} calls were refused, ${app.refreshes} refresh`);
}

main().catch((error) => {
  console.error(error.response ? `${error}: ${JSON.stringify(error.response.data)}` : error);
  process.exitCode = 1;
});
