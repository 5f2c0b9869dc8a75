type Action = (options: unknown, ...args: string[]) => unknown;

/**
 * Does as `Command` of `jsr:@cliffy/command`, which the npm registry does not have: `command()` adds a command to the
 * program and selects it, what is said next is about the selected one, and one with raw arguments gets all of them.
 */
export class CliffyStandIn {
  readonly #commands = new Map<string, { action?: Action; isRaw?: boolean }>();
  #selected = "";

  command(name: string, _description: string): this {
    this.#commands.set(name, {});
    this.#selected = name;
    return this;
  }

  useRawArgs(): this {
    this.#select().isRaw = true;
    return this;
  }

  action(action: Action): this {
    this.#select().action = action;
    return this;
  }

  async parse([name = "", ...args]: string[]): Promise<void> {
    const command = this.#commands.get(name);
    if (!command?.action) throw new Error(`Unknown command "${name}".`);
    const option = args.find((arg) => arg.startsWith("-"));
    if (!command.isRaw && option) throw new Error(`Unknown option "${option}".`);
    await command.action({}, ...args);
  }

  #select(): { action?: Action; isRaw?: boolean } {
    const command = this.#commands.get(this.#selected);
    if (!command) throw new Error("There is no command yet");
    return command;
  }
}
