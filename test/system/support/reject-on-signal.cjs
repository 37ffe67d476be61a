/** Preloaded: a fault of the program that nobody handles, when the test asks for it. */
process.on('SIGUSR2', () => {
  void Promise.reject(new Error('a fault at postgres://hss:hunter2@db/hss'));
});
