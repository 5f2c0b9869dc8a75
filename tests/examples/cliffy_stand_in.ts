type Action = (options: unknown, ...args: string[]) => unknown;

interface StandInCommand {
  description: string;
  action?: Action;
  isRaw?: boolean;
}

/**
 * Behaves like `Command` of `jsr:@cliffy/command`, which is not in the npm registry: `command()` adds a command to the
 * program and selects it, later calls apply to the selected one, and a command with raw arguments gets all of them.
 */
export class Command {
  readonly #commands = new Map<string, StandInCommand>();
  #selected = "";

  name(_name: string): this {
    return this;
  }

  command(name: string, description: string): this {
    this.#commands.set(name, { description });
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
    if (name === "--help") return console.log(this.#help());
    const command = this.#commands.get(name);
    if (!command?.action) throw new Error(`Unknown command "${name}".`);
    const option = args.find((arg) => arg.startsWith("-"));
    if (!command.isRaw && option) throw new Error(`Unknown option "${option}".`);
    await command.action({}, ...args);
  }

  /** The commands with their descriptions, as `--help` shows them. */
  #help(): string {
    return [...this.#commands].map(([name, { description }]) => `${name} - ${description}`).join("\n");
  }

  #select(): StandInCommand {
    const command = this.#commands.get(this.#selected);
    if (!command) throw new Error("There is no command yet");
    return command;
  }
}
