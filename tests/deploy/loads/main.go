// Loads what the project is deployed with, by the parsers of those who will read it: compose files
// as docker compose does, Kubernetes manifests into the API's own types, unknown fields refused.
//
//	loads compose FILE ENV_FILE    prints the project as JSON
//	loads kubernetes FILE...       prints kind and name of each object
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 4 && os.Args[1] == "compose":
		err = compose(os.Args[2], os.Args[3])
	case len(os.Args) > 2 && os.Args[1] == "kubernetes":
		for _, name := range os.Args[2:] {
			if err = kubernetes(name); err != nil {
				err = fmt.Errorf("%s: %w", name, err)
				break
			}
		}
	default:
		err = errors.New("loads compose FILE ENV_FILE, or loads kubernetes FILE...")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func compose(file, env string) error {
	options, err := cli.NewProjectOptions(
		[]string{file}, cli.WithEnvFiles(env), cli.WithDotEnv, cli.WithProfiles([]string{"*"}),
	)
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(project)
}

func kubernetes(name string) error {
	known := runtime.NewScheme()
	groups := runtime.NewSchemeBuilder(
		apps.AddToScheme, batch.AddToScheme, core.AddToScheme, networking.AddToScheme,
	)
	if err := groups.AddToScheme(known); err != nil {
		return err
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	decoder := serializer.NewCodecFactory(known, serializer.EnableStrict).UniversalDeserializer()
	documents := yaml.NewYAMLReader(bufio.NewReader(file))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		object, kind, err := decoder.Decode(document, nil, nil)
		if err != nil {
			return err
		}
		named, err := meta.Accessor(object)
		if err != nil {
			return err
		}
		fmt.Println(kind.Kind, named.GetName())
	}
}
